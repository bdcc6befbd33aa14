/// A setting as somebody has written it.
package struct ServerProperty: Hashable, Sendable {
    /// Where settings are written.
    package enum Origin: Hashable, Sendable, CustomStringConvertible {
        /// On the command line, by that option.
        case option(String)
        /// In that variable of the environment.
        case variable(String)
        /// In that file.
        case file(String)
        /// Nowhere: a program that has the node in it sets it.
        case program

        /// As messages say it.
        package var description: String {
            switch self {
            case .option(let option): option
            case .variable(let variable): "\(variable) in the environment"
            case .file(let path): path
            case .program: "set by the program"
            }
        }
    }

    /// What is set.
    package let name: String
    /// To what.
    package let value: String
    /// Where.
    package let origin: Origin

    package init(_ name: String, _ value: String, in origin: Origin) {
        self.name = name
        self.value = value
        self.origin = origin
    }
}

/// What is wrong with a server's configuration: all of it, so that it has to be mended only once.
public struct ServerPropertiesError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, at least one; each says which setting, its value, what is allowed, and where it was written.
    public let problems: [String]

    /// A line for each.
    public var description: String { problems.joined(separator: "\n") }
}
