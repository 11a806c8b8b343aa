//! Pages, in real browsers and as HTML.
