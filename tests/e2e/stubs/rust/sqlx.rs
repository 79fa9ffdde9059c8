//! What the examples use of sqlx 0.8: its types and bounds, no database behind them.
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

pub trait Database: Send + Sync + 'static {}
pub struct Postgres;
impl Database for Postgres {}

pub struct Pool<DB: Database>(PhantomData<DB>);
pub type PgPool = Pool<Postgres>;

pub trait Executor<'c>: Send {
    type Database: Database;
}
impl<'p, DB: Database> Executor<'p> for &'_ Pool<DB> {
    type Database = DB;
}

pub trait Type<DB: Database> {}
impl Type<Postgres> for bool {}
impl Type<Postgres> for i64 {}
impl Type<Postgres> for str {}
impl Type<Postgres> for String {}
impl<T: Type<DB> + ?Sized, DB: Database> Type<DB> for &'_ T {}

pub trait DatabaseError: std::error::Error + Send + Sync + 'static {
    fn message(&self) -> &str;
    fn code(&self) -> Option<Cow<'_, str>>;
}

#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    Database(Box<dyn DatabaseError>),
    RowNotFound,
}
impl fmt::Display for Error {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
impl std::error::Error for Error {}

pub struct QueryScalar<'q, DB: Database, O>(PhantomData<(&'q str, DB, O)>);

pub fn query_scalar<'q, DB: Database, O: Type<DB>>(_: &'q str) -> QueryScalar<'q, DB, O> {
    QueryScalar(PhantomData)
}

impl<'q, DB: Database, O: Type<DB> + Send + Unpin> QueryScalar<'q, DB, O> {
    pub fn bind<T: 'q + Type<DB>>(self, _: T) -> Self {
        self
    }
    pub async fn fetch_one<'e, 'c: 'e, E>(self, _: E) -> Result<O, Error>
    where
        'q: 'e,
        E: 'e + Executor<'c, Database = DB>,
    {
        Err(Error::RowNotFound)
    }
}
