/// Is a `duet setup` still waiting to be confirmed?
struct PendingSetupCheck: DoctorCheck {
    let name = "setup"

    func run(_ patient: Patient) -> [Finding] {
        guard patient.host.status(SetupBackup.folder + "/" + SetupBackup.pendingName) != nil else {
            return [ok("nothing waits to be confirmed")]
        }
        return [
            warning(
                "is not confirmed, and will be undone by itself, unless this host has been started anew meanwhile",
                mend: "duet setup --confirm, or duet setup --undo")
        ]
    }
}
