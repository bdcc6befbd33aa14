import KafkaProtocol

/// A node's configuration, decided from settings by their names.
///
/// Each setting comes once: which source counts is decided before. Of several names for one thing the one that counts first
/// in Kafka does, wherever it was set.
package struct ServerProperties: Sendable {
    /// What the node gets.
    package private(set) var configuration: LogNode.Configuration
    /// What was set and does nothing, for those who run the node; a line each.
    package private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - properties: What is set, each name once.
    ///   - standard: What holds where nothing is set.
    /// - Throws: All that is wrong with it.
    package init(_ properties: [ServerProperty], over standard: LogNode.Configuration) throws(ServerPropertiesError) {
        var decision = Decision(properties, standard)
        decision.takeSettings()
        decision.takeListeners()
        decision.takeTopicDefaults()
        decision.checkTogether()
        decision.judgeOthers()
        guard decision.problems.isEmpty else { throw ServerPropertiesError(problems: decision.problems) }
        configuration = decision.draft.node
        warnings = decision.warnings
        configuration.warnings = warnings
    }

    /// The names of all settings that mean something here.
    package static let names =
        Set(ServerSetting.all.map(\.name)).union(ListenerSettings.names).union(topicNames)

    /// Those that are the default of a topic's.
    private static let topicNames =
        Set(TopicConfigKey.all.flatMap { $0.synonyms.map(\.name) }).union(BrokerTopicDefaults.others.keys)
}

extension ServerProperties {
    private struct Decision {
        let properties: [String: ServerProperty]
        var draft: ServerDraft
        var problems: [String] = []
        var warnings: [String] = []

        init(_ properties: [ServerProperty], _ standard: LogNode.Configuration) {
            self.properties = Dictionary(properties.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            draft = ServerDraft(standard)
        }

        private mutating func refuse(_ property: ServerProperty, allowed: String) {
            let value = property.value.prefix(200)
            problems.append("\(property.name) is \"\(value)\" (\(property.origin)), but it has to be \(allowed)")
        }

        mutating func takeSettings() {
            for setting in ServerSetting.all {
                guard let property = properties[setting.name] else { continue }
                if let allowed = setting.apply(property.value, &draft) { refuse(property, allowed: allowed) }
            }
        }

        mutating func takeListeners() {
            do {
                let listeners = try ListenerSettings { properties[$0]?.value }
                draft.node.listen = listeners.listen ?? draft.node.listen
                draft.node.advertise = listeners.advertise ?? draft.node.advertise
                if !listeners.passedOver.isEmpty {
                    let names = listeners.passedOver.joined(separator: ", ")
                    warnings.append("Nobody listens on \(names): there is no controller in this process")
                }
            } catch {
                guard let property = properties[error.name] else { return }
                refuse(property, allowed: error.allowed)
            }
        }

        mutating func takeTopicDefaults() {
            var valid: [String: String] = [:]
            for name in topicNames.sorted() {
                guard let property = properties[name] else { continue }
                if (try? BrokerTopicDefaults([name: property.value])) != nil {
                    valid[name] = property.value
                } else {
                    refuse(property, allowed: Self.allowed(name))
                }
            }
            do throws(APIError) {
                draft.node.topicDefaults = try BrokerTopicDefaults(valid)
                _ = try TopicConfig([:], over: draft.node.topicDefaults)
            } catch {
                problems.append("Topics cannot have these defaults: \(error.message)")
            }
            let idle = TopicConfigKey.all.filter { !$0.hasEffect }.flatMap { $0.synonyms.map(\.name) }
            warn("kept and reported, but nothing is done about them yet", idle.filter { valid[$0] != nil })
        }

        /// What a default of topics may be.
        private static func allowed(_ name: String) -> String {
            if let range = BrokerTopicDefaults.others[name] { return ConfigRule.range(range).allowed(.int) }
            for key in TopicConfigKey.all {
                guard let synonym = key.synonyms.first(where: { $0.name == name }) else { continue }
                return synonym.milliseconds > 1 ? "an integer of 32 bits" : key.allowed
            }
            preconditionFailure("\(name) is none of the defaults of topics")
        }

        mutating func checkTogether() {
            let (least, most) = (draft.leastSessionTimeoutMs, draft.mostSessionTimeoutMs)
            if least <= most {
                draft.node.groups.sessionTimeoutsMs = least...most
            } else {
                problems.append(
                    "group.min.session.timeout.ms (\(least)) cannot be above group.max.session.timeout.ms (\(most))"
                )
            }
            if let broker = properties["broker.id"], let node = properties["node.id"],
                ConfigValue.trimmed(broker.value) != ConfigValue.trimmed(node.value)
            {
                refuse(broker, allowed: "the same as node.id, which is \"\(node.value.prefix(200))\" (\(node.origin))")
            }
        }

        mutating func judgeOthers() {
            var unused: [String] = []
            for (name, property) in properties.sorted(by: { $0.key < $1.key }) where !names.contains(name) {
                if KafkaSettingNames.contains(name) {
                    unused.append(name)
                    continue
                }
                let nearest = Spelling.nearest(to: name, in: names.union(KafkaSettingNames.all))
                let hint = nearest.map { "; did you mean \($0)?" } ?? ""
                switch property.origin {
                case .variable(let variable):
                    // Whoever starts processes may set such variables for reasons of their own: Kubernetes does for each
                    // service, by its name.
                    warnings.append("\(variable) in the environment does not name a setting\(hint)")
                case .option, .file, .program:
                    problems.append("There is no setting \(name.prefix(200)) (\(property.origin))\(hint)")
                }
            }
            warn("settings of Kafka's that mean nothing here", unused)
        }

        private mutating func warn(_ reason: String, _ names: [String]) {
            guard !names.isEmpty else { return }
            let told = Set(names).sorted().compactMap { name in
                properties[name].map { "\(name) (\($0.origin))" }
            }
            warnings.append("Without effect, \(reason): \(told.joined(separator: ", "))")
        }
    }
}
