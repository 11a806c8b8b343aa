//! Pictures that people send, made into ones that are ours: read under strict bounds, scaled, and written anew from nothing
//! but their pixels. What else was in the file is gone, and so is any other meaning that it had.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

/// How many pictures are read at once: reading one takes time and memory.
static READING: Semaphore = Semaphore::const_new(2);

/// The longest side of a picture that is read, in pixels.
const LONGEST_SIDE: u32 = 4096;

/// The most memory that reading one takes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// The longest side of a picture that is kept, in pixels.
const KEPT_SIDE: u32 = 512;

/// A picture as it is kept and shown.
#[derive(Clone)]
pub struct Picture {
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The bytes are not a picture of that kind, or too large a one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no picture of that type with at most 4096 × 4096 pixels")]
pub struct NotAPicture;

/// Which kinds of picture can be sent, by their media types.
pub fn format_of(media_type: &str) -> Option<ImageFormat> {
    match media_type {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Makes a picture from what somebody sent. A file that makes the reader fall over is no picture either.
pub async fn read(sent: Vec<u8>, format: ImageFormat) -> Result<Picture, NotAPicture> {
    let turn = READING.acquire().await.map_err(|_| NotAPicture)?;
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        made_from(&sent, format)
    });
    work.await.map_err(|_| NotAPicture)?
}

fn made_from(sent: &[u8], format: ImageFormat) -> Result<Picture, NotAPicture> {
    let picture = decoded(sent, format)?;
    let picture = if picture.width().max(picture.height()) > KEPT_SIDE {
        picture.thumbnail(KEPT_SIDE, KEPT_SIDE)
    } else {
        picture
    };
    let (kept, media_type, picture) = match format {
        ImageFormat::Jpeg => (format, "image/jpeg", DynamicImage::from(picture.into_rgb8())),
        _ => (
            ImageFormat::Png,
            "image/png",
            DynamicImage::from(picture.into_rgba8()),
        ),
    };
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, kept).map_err(|_| NotAPicture)?;
    Ok(Picture {
        media_type,
        bytes: bytes.into_inner(),
    })
}

/// The pixels, the right way up.
fn decoded(sent: &[u8], format: ImageFormat) -> Result<DynamicImage, NotAPicture> {
    let mut reader = ImageReader::with_format(Cursor::new(sent), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NotAPicture)?;
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > MOST_MEMORY || width.max(height) > LONGEST_SIDE || width.min(height) == 0 {
        return Err(NotAPicture);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| NotAPicture)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = DynamicImage::new_rgb8(width, height);
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_scaled_and_keeps_its_shape() {
        for (format, kept) in [
            (ImageFormat::Png, "image/png"),
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::WebP, "image/png"),
        ] {
            let made = made_from(&sample(1024, 512, format), format).unwrap();
            assert_eq!(made.media_type, kept);
            let read = image::load_from_memory(&made.bytes).unwrap();
            assert_eq!((read.width(), read.height()), (512, 256));
        }
        let small = made_from(&sample(3, 2, ImageFormat::Png), ImageFormat::Png).unwrap();
        assert_eq!(image::load_from_memory(&small.bytes).unwrap().width(), 3);
    }

    #[test]
    fn ss2_a_picture_of_another_kind_than_it_says_is_none() {
        let png = sample(2, 2, ImageFormat::Png);
        assert_eq!(made_from(&png, ImageFormat::Jpeg).err(), Some(NotAPicture));
        for bytes in [
            &b""[..],
            b"\x89",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        ] {
            assert_eq!(made_from(bytes, ImageFormat::Png).err(), Some(NotAPicture));
        }
        for cut in 0..png.len() - 12 {
            assert!(made_from(&png[..cut], ImageFormat::Png).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn ss2_a_header_that_promises_too_much_is_refused_before_its_pixels() {
        assert!(made_from(&sample(4097, 1, ImageFormat::Png), ImageFormat::Png).is_err());
        let mut huge = sample(2, 2, ImageFormat::Png);
        huge[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
        huge[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
        assert!(made_from(&huge, ImageFormat::Png).is_err());
    }
}
