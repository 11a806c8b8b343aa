//! The binary as whoever runs it meets it: commands, exit codes, files, and what it says where.

mod demo;
mod durability;
mod first_run;
mod home;
mod keys;
mod load;
mod logs;
mod observations;
mod program;
mod refusals;
mod seeds;
mod settings;
mod setup;
mod shell;

use home::Home;
use program::Program;
