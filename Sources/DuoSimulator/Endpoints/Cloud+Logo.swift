import FoundationEssentials

/// GET /auth/v2/logo
extension Cloud {
    func logo() throws(APIFailure) -> Endpoint.Outcome {
        guard directory.hasLogo, let image = Data(base64Encoded: Self.logoText) else { throw .noLogo }
        return .image(Array(image))
    }

    /// A green square, 16 by 16.
    private static let logoText =
        "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mPIPeBNEmIY1TCqYfhqAAAG0HgQM9MhyQAAAABJ"
        + "RU5ErkJggg=="
}
