import Foundation
public import SystemPackage

/// Files with one JSON object a line, the form of the fixtures' decoded contents.
public enum JSONLines {
    /// Decodes each line of a file.
    /// - Throws: ``TestSupportError`` with the number of the first line that does not decode.
    public static func decode<Value: Decodable>(_ type: Value.Type, from path: FilePath) throws -> [Value] {
        let decoder = JSONDecoder()
        return try Fixtures.lines(of: path).enumerated().map { index, line in
            do {
                return try decoder.decode(type, from: Data(line.utf8))
            } catch {
                throw TestSupportError("\(path):\(index + 1) is not a \(type): \(error)")
            }
        }
    }
}
