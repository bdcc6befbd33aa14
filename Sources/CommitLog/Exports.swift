// Offsets, timestamps, records and batches are the vocabulary of this module's API: who imports it gets them too.
@_exported public import RecordBatch
