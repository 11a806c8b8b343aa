//! A text as a picture that phones read: dark modules on light ground, with the quiet zone around that readers need.

use qrcode::{Color, EcLevel, QrCode};

/// A QR code (ISO/IEC 18004), to be drawn as one path in a square.
#[derive(Debug, Clone)]
pub struct QrPicture {
    /// How many modules it is wide and high, with the quiet zone.
    pub side: usize,
    /// The dark modules, as SVG draws them.
    pub path: String,
}

/// Modules of quiet on each side (ISO/IEC 18004 §9.1).
const QUIET: usize = 4;

impl QrPicture {
    /// The picture of a text; nothing if it is too long for one.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let modules = code.to_colors();
        let mut path = String::new();
        for (y, row) in modules.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let (left, top, length) = (x + QUIET, y + QUIET, run.len());
                    let drawn = format!("M{left} {top}h{length}v1h-{length}z");
                    path.push_str(&drawn);
                }
                x += run.len();
            }
        }
        Some(Self {
            side: width + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_begins_with_the_corner_that_readers_look_for() {
        let picture = QrPicture::of("otpauth://totp/x").unwrap();
        // Version 1 or 2, four modules of quiet on each side, and the seven dark modules of a finder pattern.
        assert!([29, 33].contains(&picture.side), "{}", picture.side);
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
        assert!(QrPicture::of(&"x".repeat(5_000)).is_none());
    }
}
