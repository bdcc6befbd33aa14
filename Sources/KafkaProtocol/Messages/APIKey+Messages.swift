extension APIKey {
    /// The messages of the API.
    package var messages: (request: any RequestMessage.Type, response: any ResponseMessage.Type) {
        switch self {
        case .produce: (ProduceRequest.self, ProduceResponse.self)
        case .fetch: (FetchRequest.self, FetchResponse.self)
        case .listOffsets: (ListOffsetsRequest.self, ListOffsetsResponse.self)
        case .metadata: (MetadataRequest.self, MetadataResponse.self)
        case .offsetCommit: (OffsetCommitRequest.self, OffsetCommitResponse.self)
        case .offsetFetch: (OffsetFetchRequest.self, OffsetFetchResponse.self)
        case .findCoordinator: (FindCoordinatorRequest.self, FindCoordinatorResponse.self)
        case .joinGroup: (JoinGroupRequest.self, JoinGroupResponse.self)
        case .heartbeat: (HeartbeatRequest.self, HeartbeatResponse.self)
        case .leaveGroup: (LeaveGroupRequest.self, LeaveGroupResponse.self)
        case .syncGroup: (SyncGroupRequest.self, SyncGroupResponse.self)
        case .describeGroups: (DescribeGroupsRequest.self, DescribeGroupsResponse.self)
        case .listGroups: (ListGroupsRequest.self, ListGroupsResponse.self)
        case .apiVersions: (APIVersionsRequest.self, APIVersionsResponse.self)
        case .createTopics: (CreateTopicsRequest.self, CreateTopicsResponse.self)
        case .deleteTopics: (DeleteTopicsRequest.self, DeleteTopicsResponse.self)
        case .deleteRecords: (DeleteRecordsRequest.self, DeleteRecordsResponse.self)
        case .initProducerID: (InitProducerIDRequest.self, InitProducerIDResponse.self)
        case .offsetForLeaderEpoch: (OffsetForLeaderEpochRequest.self, OffsetForLeaderEpochResponse.self)
        case .describeConfigs: (DescribeConfigsRequest.self, DescribeConfigsResponse.self)
        case .alterConfigs: (AlterConfigsRequest.self, AlterConfigsResponse.self)
        case .describeLogDirs: (DescribeLogDirsRequest.self, DescribeLogDirsResponse.self)
        case .createPartitions: (CreatePartitionsRequest.self, CreatePartitionsResponse.self)
        case .deleteGroups: (DeleteGroupsRequest.self, DeleteGroupsResponse.self)
        case .incrementalAlterConfigs: (IncrementalAlterConfigsRequest.self, IncrementalAlterConfigsResponse.self)
        case .offsetDelete: (OffsetDeleteRequest.self, OffsetDeleteResponse.self)
        case .describeCluster: (DescribeClusterRequest.self, DescribeClusterResponse.self)
        case .describeProducers: (DescribeProducersRequest.self, DescribeProducersResponse.self)
        case .describeTopicPartitions: (DescribeTopicPartitionsRequest.self, DescribeTopicPartitionsResponse.self)
        }
    }
}
