//! What the examples use of tokio 1.
pub mod time {
    use std::future::{ready, Ready};

    pub fn sleep(_: std::time::Duration) -> Ready<()> {
        ready(())
    }
}
