//! What came of proving a log: how much there was, and what is wrong with it.

use std::fmt;

/// The most faults, and the most erased events, that are named one by one.
pub(super) const NAMED: usize = 1000;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Events that a seal lists.
    pub sealed: u64,
    /// Events that are too new for that; their MAC was checked.
    pub unsealed: u64,
    /// Events whose personal detail is erased, rightly.
    pub erased: u64,
    /// Which these are, the first of them.
    pub erased_events: Vec<String>,
    /// Seals.
    pub seals: u64,
    /// The newest seal of each chain.
    pub heads: Vec<Head>,
    /// Chains whose beginning was cut off, rightly.
    pub cuts: Vec<Cut>,
    /// How much is wrong.
    pub faulty: u64,
    /// What is, the first of it.
    pub faults: Vec<Fault>,
}

/// The newest seal of a chain: whoever keeps it elsewhere sees whether the log was put back to an earlier copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// An organization's id; empty for the instance's own log.
    pub chain: String,
    /// Which seal.
    pub sequence: i64,
    /// Its hash.
    pub digest: Vec<u8>,
}

/// That a chain begins later than it once did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Whose log.
    pub chain: String,
    /// The last seal that is gone.
    pub sequence: i64,
    /// When it was cut, Unix milliseconds.
    pub at: i64,
    /// By which setting.
    pub keep_days: i64,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What.
    pub what: What,
    /// In whose log, if that is known.
    pub chain: Option<String>,
    /// In which seal.
    pub sequence: Option<i64>,
    /// On which event, or user.
    pub id: Option<String>,
    /// At which position in the log.
    pub position: Option<i64>,
}

/// What can be wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A sealed event is not as it was written.
    EventChanged,
    /// A sealed event is gone.
    EventRemoved,
    /// Another event stands where a sealed one was.
    EventReplaced,
    /// An event that no seal lists is not as it was written, or was never written by the server.
    EventAdded,
    /// An event of the server's that should be sealed by now, and is not.
    EventUnlisted,
    /// What was of a person is gone, and no erasure says why.
    PersonalRemoved,
    /// A seal is not as it was made.
    SealChanged,
    /// A seal is missing between others, or before them.
    SealRemoved,
    /// A seal does not follow the one before it.
    SealReplaced,
    /// The newest seals of a chain are missing.
    HeadCutOff,
    /// The note of a chain's newest seal is not as it was made.
    HeadChanged,
    /// The note of how far sealing has come is gone or not as it was made.
    SealingChanged,
    /// Whole chains are missing.
    ChainRemoved,
    /// The note of where a chain begins is not as it was made.
    CutChanged,
    /// The note of an erasure is not as it was made.
    ErasureChanged,
    /// A line of an export is not as it was written, or not where it was.
    LineChanged,
    /// An export ends before its last line.
    ExportCutOff,
    /// An export is of another key than was expected.
    KeyChanged,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faulty == 0
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.faulty += 1;
        if self.faults.len() < NAMED {
            self.faults.push(fault);
        }
    }

    pub(super) fn erased(&mut self, event: &str) {
        self.erased += 1;
        if self.erased_events.len() < NAMED {
            self.erased_events.push(event.to_owned());
        }
    }
}

impl Fault {
    pub(super) fn of(what: What) -> Self {
        Self {
            what,
            chain: None,
            sequence: None,
            id: None,
            position: None,
        }
    }

    pub(super) fn in_seal(what: What, chain: &str, sequence: i64) -> Self {
        Self {
            chain: Some(chain.to_owned()),
            sequence: Some(sequence),
            ..Self::of(what)
        }
    }

    pub(super) fn on(self, id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    pub(super) fn at(self, position: i64) -> Self {
        Self {
            position: Some(position),
            ..self
        }
    }
}

impl What {
    /// The name to programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventChanged => "event_changed",
            Self::EventRemoved => "event_removed",
            Self::EventReplaced => "event_replaced",
            Self::EventAdded => "event_added",
            Self::EventUnlisted => "event_unlisted",
            Self::PersonalRemoved => "personal_removed",
            Self::SealChanged => "seal_changed",
            Self::SealRemoved => "seal_removed",
            Self::SealReplaced => "seal_replaced",
            Self::HeadCutOff => "head_cut_off",
            Self::HeadChanged => "head_changed",
            Self::SealingChanged => "sealing_changed",
            Self::ChainRemoved => "chain_removed",
            Self::CutChanged => "cut_changed",
            Self::ErasureChanged => "erasure_changed",
            Self::LineChanged => "line_changed",
            Self::ExportCutOff => "export_cut_off",
            Self::KeyChanged => "key_changed",
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::EventChanged => "this event is not as it was written",
            Self::EventRemoved => "this event was removed",
            Self::EventReplaced => "another event stands where this one was",
            Self::EventAdded => "this event was added, or changed before it was sealed",
            Self::EventUnlisted => "this event should be sealed, and no seal lists it",
            Self::PersonalRemoved => "what was of a person was removed, and no erasure says why",
            Self::SealChanged => "this seal is not as it was made",
            Self::SealRemoved => "this seal was removed",
            Self::SealReplaced => "this seal does not follow the one before it",
            Self::HeadCutOff => "the seals after this one were removed",
            Self::HeadChanged => "the note of this chain's newest seal is gone or was changed",
            Self::SealingChanged => "the note of how far sealing has come is gone or was changed",
            Self::ChainRemoved => "seals are missing of which nothing is left",
            Self::CutChanged => "the note of where this chain begins was changed",
            Self::ErasureChanged => "the note of this user's erasure was changed",
            Self::LineChanged => "this line of the export was changed, or is not where it was",
            Self::ExportCutOff => "the export ends before its last line",
            Self::KeyChanged => "the export was signed with another key",
        }
    }
}

/// One line for people.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what.in_words())?;
        if let Some(id) = &self.id {
            write!(f, ": {id}")?;
        }
        if let Some(position) = self.position {
            write!(f, ", at position {position}")?;
        }
        match (self.chain.as_deref(), self.sequence) {
            (Some(chain), Some(sequence)) => write!(f, " (seal {sequence} of {})", name_of(chain)),
            (Some(chain), None) => write!(f, " ({})", name_of(chain)),
            (None, _) => Ok(()),
        }
    }
}

/// What a chain is called.
pub fn name_of(chain: &str) -> &str {
    if chain.is_empty() { "the instance" } else { chain }
}
