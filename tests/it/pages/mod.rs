//! Pages, in real browsers and as HTML.

mod accessibility;
mod claim;
mod gallery;
mod headers;
mod html;
mod invitation;
mod looks;
mod password;
mod reports;
mod sample_application;
mod walk;
mod words;
