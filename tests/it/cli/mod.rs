//! The binary as whoever runs it meets it: commands, exit codes, files, and what it says where.

mod answers;
mod audit;
mod commands;
mod connection;
mod demo;
mod durability;
mod first_run;
mod home;
mod impostor;
mod keys;
mod load;
mod logs;
mod observations;
mod program;
mod recover;
mod refusals;
mod seeds;
mod settings;
mod setup;
mod shell;
mod telling;

use home::Home;
use program::Program;
