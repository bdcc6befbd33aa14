public import RecordBatch

extension Record {
    /// A record to be appended, which gets its offset, and the time of the append as its timestamp, from the log.
    ///
    /// - Parameters:
    ///   - key: Nil for null, which is not the same as empty.
    ///   - value: Nil for null: in a compacted topic, a tombstone.
    ///   - headers: In the order in which they are to be read.
    public init(key: [UInt8]? = nil, value: [UInt8]?, headers: [RecordHeader] = []) {
        self.init(offset: Offset(0), timestamp: .none, key: key, value: value, headers: headers)
    }
}
