import DuoAPI

extension AdminAPI {
    package func settings() async throws(AdminError) -> JSONValue {
        try await send(APICall(.get, "/admin/v1/settings")).response
    }

    /// What `wanted` changes in `current`: checked, and without what is so already.
    package static func changes(
        _ wanted: [(name: String, value: String)], current: JSONValue
    ) throws(AdminError) -> [SettingChange] {
        var changes: [SettingChange] = []
        for (name, value) in wanted {
            guard let field = SettingField.all.first(where: { $0.name == name }) else {
                throw .invalid(name: name, why: "Duo has no such setting; duet-admin settings show lists them")
            }
            let after = try field.value(value)
            let before = current[name]?.text
            if before != after { changes.append(SettingChange(name: name, before: before, after: after)) }
        }
        return changes
    }

    package static func updateSettings(_ changes: [SettingChange]) -> APICall {
        APICall(.post, "/admin/v1/settings", changes.map { ($0.name, $0.after) })
    }
}
