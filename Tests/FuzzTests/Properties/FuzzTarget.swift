import CommitLog
import KafkaProtocol
import RecordBatch
import SystemPackage

/// Code that is given bytes from outside, and what it promises about any of them.
///
/// All promise not to crash, not to hang, and not to take more memory than is in proportion; that is for the fuzzer to see.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Record batches are parsed, iterated, validated and built again.
    case batches
    /// Batches are appended.
    case appends
    /// Records are inflated.
    case inflation
    /// Offset and time index are searched.
    case indexes
    /// The small text files of a log directory, and its names.
    case checkpoints
    /// Producer snapshots and transaction indexes.
    case snapshots
    /// Messages of the protocol are read, and written again.
    case messages
}

/// Checks a target's property, for one input after another.
struct FuzzHarness: Sendable {
    private let target: FuzzTarget
    /// The log whose indexes are replaced.
    private let indexes: IndexProperty?

    /// - Parameter directory: Where files can be kept; nobody else's.
    init(_ target: FuzzTarget, in directory: FilePath) async throws {
        self.target = target
        indexes = target == .indexes ? try await IndexProperty(in: directory) : nil
    }

    /// - Throws: `Violation` if the property does not hold. That an input is refused is none.
    func check(_ input: [UInt8]) async throws {
        do {
            switch target {
            case .batches: try BatchProperty.check(input)
            case .appends: try AppendProperty.check(input)
            case .inflation: try InflationProperty.check(input)
            case .indexes: try await indexes?.check(input)
            case .checkpoints: try CheckpointProperty.check(input)
            case .snapshots: try SnapshotProperty.check(input)
            case .messages: try MessageProperty.check(input)
            }
        } catch is RecordBatchError {
        } catch is FormatError {
        } catch is LogError {
        } catch is ProtocolError {
        }
    }

    /// Gives the directory back.
    func close() async throws { try await indexes?.close() }
}
