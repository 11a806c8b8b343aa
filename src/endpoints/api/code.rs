//! The codes of problems: what programs decide by. Once published, none changes its meaning.

use axum::http::StatusCode;

/// Declares the codes, so that name, status, title and meaning stand together once.
macro_rules! codes {
    ($($variant:ident $name:literal $status:ident $title:literal $meaning:literal;)*) => {
        /// What kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The status it comes with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),* }
            }

            /// Its name in words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// What it means, in a sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    InvalidJson "invalid_json" BAD_REQUEST "Invalid JSON"
        "The body is not JSON as RFC 8259 has it, in UTF-8, with every name once and nothing nested deeper than 16.";
    Invalid "invalid" BAD_REQUEST "Invalid fields"
        "Fields of the body make no sense; errors says which.";
    InvalidRequest "invalid_request" BAD_REQUEST "Invalid request"
        "A header or query parameter makes no sense, is unknown, or was sent twice.";
    InvalidCursor "invalid_cursor" BAD_REQUEST "Invalid cursor"
        "The cursor was not given by this list; begin again without one.";
    Unauthenticated "unauthenticated" UNAUTHORIZED "Not authenticated"
        "There is no credential, or one that is not or no longer good.";
    SignInAgain "sign_in_again" UNAUTHORIZED "Sign in again"
        "The session does not, or no longer, act for this organization.";
    NotFresh "insufficient_user_authentication" UNAUTHORIZED "Prove yourself anew"
        "This is grave enough that whoever asks proves themselves anew, with their second factor if they have one (RFC 9470).";
    PermissionDenied "permission_denied" FORBIDDEN "Permission denied"
        "The permission that is named is missing, or the token or key does not reach so far.";
    ExceedsOwnPermissions "exceeds_own_permissions" FORBIDDEN "More than one's own"
        "Nobody hands on more than they hold, or changes somebody who holds more.";
    AddressNotAllowed "address_not_allowed" FORBIDDEN "Address not allowed"
        "The request's address is not on the organization's IP allowlist.";
    ConnectionRequired "connection_required" FORBIDDEN "Connection required"
        "The organization lets people in by its own sign-in only, and this was another.";
    SecondFactorMissing "second_factor_missing" FORBIDDEN "Second factor missing"
        "The organization asks for a second factor, and none was proved.";
    MembershipInactive "membership_inactive" FORBIDDEN "Membership inactive"
        "The membership is suspended or inactive.";
    ForbiddenOrigin "forbidden_origin" FORBIDDEN "Forbidden origin"
        "A request with a cookie came from another site, or without its X-CSRF-Token.";
    Forbidden "forbidden" FORBIDDEN "Forbidden"
        "This is not for whoever asks.";
    NotFound "not_found" NOT_FOUND "Not found"
        "There is no such thing, or none that whoever asks may know of.";
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "Method not allowed"
        "The route has other methods.";
    Timeout "timeout" REQUEST_TIMEOUT "Too slow"
        "The request took too long to arrive.";
    Taken "taken" CONFLICT "Taken"
        "Somebody or something has this already.";
    BuiltIn "built_in" CONFLICT "Built in"
        "The six built-in roles can't be changed or deleted.";
    LastOwner "last_owner" CONFLICT "Last owner"
        "An organization keeps at least one active owner.";
    LastSuperuser "last_superuser" CONFLICT "Last superuser"
        "A Doorward keeps at least one active superuser.";
    LimitReached "limit_reached" CONFLICT "Limit reached"
        "The organization has all that its limits allow; a superuser can raise them.";
    InUse "in_use" CONFLICT "In use"
        "Something else still needs it.";
    Unmet "unmet_preconditions" CONFLICT "Preconditions unmet"
        "It can't be done as things are; errors has every reason.";
    AlreadyCreated "already_created" CONFLICT "Already created"
        "The same request made the thing whose id is given; its secret was shown then, and once.";
    PreconditionFailed "precondition_failed" PRECONDITION_FAILED "Precondition failed"
        "The thing was changed since the If-Match tag was given.";
    TooLarge "too_large" PAYLOAD_TOO_LARGE "Too large"
        "The body is longer than 64 KiB.";
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "Unsupported media type"
        "The body is not application/json, or for PATCH application/merge-patch+json.";
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY "Idempotency key reused"
        "The Idempotency-Key came with another request before.";
    TooManyRequests "too_many_requests" TOO_MANY_REQUESTS "Too many requests"
        "The rate limit is used up; Retry-After says for how long.";
    Internal "internal" INTERNAL_SERVER_ERROR "Server error"
        "Something went wrong here; the log has it under this name.";
    Busy "busy" SERVICE_UNAVAILABLE "Busy"
        "Too much is asked at this moment; Retry-After says when to try again.";
}
