import TestSupport
import Testing

@testable import LinuxIO

@Suite struct SendProgressTests {
    @Test("nothing to send is finished", arguments: [[], [0], [0, 0, 0]])
    func nothing(counts: [Int]) {
        #expect(SendProgress(counts).isFinished)
    }

    @Test("empty pieces are passed over, and the last piece is the last that has bytes")
    func emptyPieces() {
        var progress = SendProgress([0, 3, 0, 0, 2, 0])
        #expect((progress.piece, progress.offset, progress.left) == (1, 0, 5))
        #expect(!progress.isInLastPiece)
        progress.advance(by: 2)
        #expect((progress.piece, progress.offset) == (1, 2))
        progress.advance(by: 0)
        #expect((progress.piece, progress.offset) == (1, 2))
        progress.advance(by: 1)
        #expect((progress.piece, progress.offset) == (4, 0))
        #expect(progress.isInLastPiece)
        progress.advance(by: 2)
        #expect(progress.isFinished)
    }

    @Test("whatever each call takes, every byte is sent once and in order", arguments: Seed.all)
    func anySteps(seed: Seed) {
        var generator = seed.generator
        let counts = (0..<20).map { _ in generator.chance(oneIn: 4) ? 0 : Int.random(in: 1...9, using: &generator) }
        let all = counts.indices.flatMap { piece in (0..<counts[piece]).map { [piece, $0] } }
        var (progress, sent) = (SendProgress(counts), 0)
        while !progress.isFinished {
            #expect(progress.left == all.count - sent)
            #expect([progress.piece, progress.offset] == all[sent])
            #expect(progress.isInLastPiece == (all[sent][0] == all.last?[0]))
            let step = Int.random(in: 0...progress.left, using: &generator)
            progress.advance(by: step)
            sent += step
        }
        #expect(sent == all.count)
    }
}
