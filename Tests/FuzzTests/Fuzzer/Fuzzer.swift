import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Set by `Scripts/fuzz`: what is fuzzed, and where files may be kept.
private let target: FuzzTarget = {
    guard let name = getenv("FUZZ_TARGET"), let target = FuzzTarget(rawValue: String(cString: name)) else {
        fatalError("FUZZ_TARGET has to be one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
}()

private let directory: FilePath = {
    guard let path = getenv("FUZZ_DIRECTORY") else { fatalError("FUZZ_DIRECTORY has to be an empty directory") }
    return FilePath(String(cString: path))
}()

private let harness = wait { try await FuzzHarness(target, in: directory) }

/// What libFuzzer calls with each input that it makes up.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    let harness = harness
    wait { try await harness.check(input) }
    return 0
}

/// Runs a task; that it fails is what libFuzzer is to report.
///
/// The main thread, which is libFuzzer's, is none of those that run tasks, and may wait for one.
private func wait<Value: Sendable>(for body: @escaping @Sendable () async throws -> Value) -> Value {
    let result = Mutex<Value?>(nil)
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        do {
            let value = try await body()
            result.withLock { $0 = value }
        } catch {
            fatalError("\(target) broke a promise: \(error)")
        }
        done.signal()
    }
    done.wait()
    guard let value = result.withLock({ $0 }) else { fatalError("\(target) gave nothing") }
    return value
}
