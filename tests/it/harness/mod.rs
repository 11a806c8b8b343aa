//! What every story stands on: a house of its own with its own database and clock, a browser without JavaScript, and
//! the cast.

pub(crate) mod administrator;
mod api;
pub(crate) mod authenticator;
pub(crate) mod browser;
pub(crate) mod cast;
pub(crate) mod code_app;
pub(crate) mod company;
mod crowd;
mod dice;
mod engine;
pub(crate) mod gateway;
mod house;
pub(crate) mod letters;
pub(crate) mod lifeline;
mod node;
mod people;
mod postgres;
mod program;
pub(crate) mod provider;
mod raw;
pub(crate) mod sample;
pub(crate) mod service_provider;
pub(crate) mod sink;
pub(crate) mod times;
mod virtual_key;
pub(crate) mod visitor;
mod zone;

pub(crate) use api::{Api, Member};
pub(crate) use cast::{Person, client_of};
pub(crate) use crowd::crowd;
pub(crate) use dice::Dice;
pub(crate) use engine::{Engine, on_both};
pub(crate) use house::House;
pub(crate) use lifeline::Lifeline;
pub(crate) use postgres::Database;
pub(crate) use program::Program;
pub(crate) use raw::Raw;
pub(crate) use visitor::{Answer, Visitor};
