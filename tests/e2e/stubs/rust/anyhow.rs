//! What the examples use of anyhow 1.
pub struct Error;
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(_: E) -> Self {
        Error
    }
}
impl Error {
    pub fn msg(_: String) -> Self {
        Error
    }
}

#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($text:tt)*) => {
        if !$condition {
            return Err($crate::Error::msg(format!($($text)*)));
        }
    };
}
