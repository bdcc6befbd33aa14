package import KafkaProtocol

/// What is told of groups to those who are not in them.
extension GroupCoordinator {
    /// Groups and their members.
    package func describe(_ request: DescribeGroupsRequest, version: Int16) -> DescribeGroupsResponse {
        var response = DescribeGroupsResponse()
        response.groups = request.groups.map { id in
            var group = describe(id, version: version)
            if request.includeAuthorizedOperations, group.errorCode == .none {
                group.authorizedOperations = AuthorizedOperations.group
            }
            return group
        }
        return response
    }

    private func describe(_ id: String, version: Int16) -> DescribeGroupsResponse.DescribedGroup {
        do throws(APIError) {
            return try partition(of: id).withState { (state, now) throws(APIError) in
                state.group(id, self.configuration, now)?.described(version: version)
                    ?? ConsumerGroup.describedWithoutGroup(id, version: version)
            }
        } catch {
            var refused = DescribeGroupsResponse.DescribedGroup()
            refused.groupID = id
            refused.errorCode = error.code
            if version >= 6 { refused.errorMessage = error.message }
            return refused
        }
    }

    /// The groups that there are.
    package func list(_ request: ListGroupsRequest) -> ListGroupsResponse {
        var response = ListGroupsResponse()
        if isStarting {
            response.errorCode = .coordinatorLoadInProgress
            return response
        }
        for partition in partitions {
            do throws(APIError) {
                response.groups += try partition.withState { (state, now) throws(APIError) in
                    Set(state.groups.keys).union(state.offsets.groupIDs).sorted().compactMap { id in
                        state.group(id, self.configuration, now)?.listed(request)
                    }
                }
            } catch  where error.code == .coordinatorLoadInProgress {
                // A part of the groups would look like all of them.
                var refused = ListGroupsResponse()
                refused.errorCode = error.code
                return refused
            } catch {
                // They are not served here.
                continue
            }
        }
        return response
    }
}
