public import RecordBatch

extension PartitionLog {
    /// Builds one batch of records and appends it.
    ///
    /// - Parameters:
    ///   - records: at least one. Their offsets are ignored; a timestamp of `Timestamp.none` stands for `now`.
    ///   - codec: how to compress them.
    ///   - now: the wall clock.
    /// - Returns: the offsets given out. See ``append(_:origin:at:)-(MutableRawSpan,_,_)`` for what has happened then.
    /// - Throws: why nothing was appended.
    public func append(
        records: [Record],
        codec: CompressionCodec = .none,
        at now: Timestamp = .now
    ) throws(LogError) -> AppendResult {
        do {
            var builder = RecordBatchBuilder(codec: codec)
            for record in records {
                try builder.append(
                    key: record.key,
                    value: record.value,
                    timestamp: record.timestamp == .none ? now : record.timestamp,
                    headers: record.headers
                )
            }
            var compressor = Compressor()
            let batch = try builder.finish(with: &compressor)
            return try append(batch, at: now)
        } catch let error as RecordBatchError {
            throw LogError(
                .invalidRecord,
                "The records do not make a batch: \(error.message)",
                at: .init(topicPartition),
                cause: error
            )
        } catch let error as LogError {
            throw error
        } catch {
            throw self.error(.invalidRecord, "\(error)", cause: error)
        }
    }
}
