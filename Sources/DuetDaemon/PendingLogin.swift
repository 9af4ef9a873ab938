import DuetLogin

/// A login that cannot be decided at once, and what a task has to do for it next.
struct PendingLogin: Sendable {
    enum Need: Sendable {
        case directory(LoginDecider, DirectoryNeed)
        /// To ask Duo, and mostly a person.
        case person(Question, Earlier)
        /// To follow what the person has said.
        case answer(Question, Course, String)
    }

    let connection: LoginConnection
    let need: Need
}
