/// A queue: what is appended first is taken first.
///
/// Both cost constant time on average.
package struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    /// Nothing is queued.
    package init() {}

    /// How many elements are queued.
    package var count: Int { elements.count - head }
    /// Whether none is.
    package var isEmpty: Bool { head == elements.count }

    /// Adds an element at the end.
    package mutating func append(_ element: Element) {
        elements.append(element)
    }

    /// Takes the first element; `nil` if there is none.
    package mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let first = elements[head].take()
        head += 1
        // The dead part is dropped when it outgrows the living one, so that each element is moved once at most.
        if head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return first
    }
}

extension FIFO: Sendable where Element: Sendable {}
