import DuetLogin

/// A login that cannot be decided at once, and what a task has to do for it next.
struct PendingLogin: Sendable {
    indirect enum Need: Sendable {
        case directory(LoginDecider, DirectoryNeed)
        /// To ask Duo, and mostly a person.
        case person(Question, Earlier)
        /// To follow what the person has said.
        case answer(Question, Course, String)
        /// To send a push or a call, and to wait for its end.
        case sending(Question, Course, Approval)
    }

    let connection: LoginConnection
    let need: Need

    /// How it ends when it is not served any more.
    var left: Outcome {
        switch need {
        case .directory: Outcome(.deny(.stopping))
        case .person(let question, _): question.left()
        case .answer(let question, let course, _), .sending(let question, let course, _): question.left(course)
        }
    }
}
