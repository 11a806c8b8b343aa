//! The binary as whoever runs it meets it: commands, exit codes, files, and what it says where.

mod audit;
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
mod settings;
mod setup;

use home::Home;
use program::Program;
