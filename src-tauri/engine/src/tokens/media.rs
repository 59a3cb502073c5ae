//! Tokens of pictures, documents and sound, by the rules providers have published. Only the head of a file is looked at.
//!
//! - `OpenAI`: tiles of 512 pixels, or patches of 32 for the small models
//!   (<https://platform.openai.com/docs/guides/images-vision#calculating-costs>);
//! - Anthropic: width times height over 750 (<https://docs.anthropic.com/en/docs/build-with-claude/vision>);
//! - Gemini: 258 a tile or page, 32 a second of sound (<https://ai.google.dev/gemini-api/docs/tokens>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, WireApi};

/// A picture's usual share, when its size is not known.
const PER_IMAGE: u64 = 1_000;

/// A page's text and picture, where a provider bills both; Anthropic names 1,500 to 3,000.
const PER_PAGE: u64 = 2_500;

/// Bytes of a PDF to a page, when its pages cannot be counted.
const BYTES_PER_PAGE: u64 = 60_000;

/// How much of a file is looked at for the size of a picture: a camera's preview can stand before it.
const HEAD_BYTES: usize = 256 * 1024;

/// The wire's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum MediaRule {
    /// Tiles: so much for the picture, so much for each tile.
    OpenaiTiles {
        base: u64,
        tile: u64,
    },
    /// Patches, times a factor in hundredths.
    OpenaiPatches {
        hundredths: u64,
    },
    Anthropic,
    Gemini,
    Unknown,
}

impl MediaRule {
    pub(crate) fn of(api: WireApi, dialect: &str, model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        match api {
            WireApi::AnthropicMessages => Self::Anthropic,
            WireApi::Gemini => Self::Gemini,
            _ if name.starts_with("claude") => Self::Anthropic,
            _ if name.starts_with("gemini") => Self::Gemini,
            _ if matches!(dialect, "openai" | "azure") || model.starts_with("openai/") => Self::openai(name),
            _ => Self::Unknown,
        }
    }

    fn openai(name: &str) -> Self {
        let small = |hundredths| Self::OpenaiPatches { hundredths };
        match name {
            _ if name.starts_with("gpt-4o-mini") => Self::OpenaiTiles { base: 2_833, tile: 5_667 },
            _ if name.starts_with("o4-mini") => small(172),
            _ if name.contains("nano") => small(246),
            _ if name.contains("mini") => small(162),
            _ if name.starts_with("gpt-5") => Self::OpenaiTiles { base: 70, tile: 140 },
            _ if name.starts_with("o1") || name.starts_with("o3") => {
                Self::OpenaiTiles { base: 75, tile: 150 }
            }
            _ => Self::OpenaiTiles { base: 85, tile: 170 },
        }
    }

    /// Tokens of a picture that only its provider sees.
    pub(crate) const fn of_unseen_image() -> u64 {
        PER_IMAGE
    }

    /// Tokens of a picture.
    pub(crate) fn image(self, blob: &Blob) -> u64 {
        let Some((width, height)) = dimensions(blob) else { return PER_IMAGE };
        self.image_of(width, height)
    }

    fn image_of(self, width: u64, height: u64) -> u64 {
        match self {
            Self::OpenaiTiles { base, tile } => base + tile * openai_tiles(width, height),
            Self::OpenaiPatches { hundredths } => {
                (width.div_ceil(32) * height.div_ceil(32)).min(1_536) * hundredths / 100
            }
            Self::Anthropic => {
                let (width, height) = shrink(width, height, 1_568);
                // Larger ones are made smaller before they are read, to about this much.
                (width * height).div_ceil(750).min(1_600)
            }
            Self::Gemini => 258 * gemini_tiles(width, height),
            Self::Unknown => PER_IMAGE,
        }
    }

    /// Tokens of a file that is no picture: a document or sound.
    pub(crate) fn file(self, blob: &Blob) -> u64 {
        let bytes = bytes_of(blob);
        if blob.media_type.starts_with("audio/") {
            let per_second = if self == Self::Gemini { 32 } else { 10 };
            return seconds(blob, bytes) * per_second;
        }
        let pages = pages(blob).unwrap_or_else(|| bytes.div_ceil(BYTES_PER_PAGE)).max(1);
        pages * if self == Self::Gemini { 258 } else { PER_PAGE }
    }
}

fn bytes_of(blob: &Blob) -> u64 {
    let padding = blob.base64.bytes().rev().take_while(|byte| *byte == b'=').count();
    u64::try_from((blob.base64.len() / 4 * 3).saturating_sub(padding)).unwrap_or(u64::MAX)
}

/// The head of a file; empty when it is no base64.
fn head(blob: &Blob, bytes: usize) -> Vec<u8> {
    // Whole groups of four characters; base64 is ASCII, so any cut is one between characters.
    let characters = (bytes / 3 * 4).min(blob.base64.len() / 4 * 4);
    blob.base64.get(..characters).and_then(|head| STANDARD.decode(head).ok()).unwrap_or_default()
}

fn dimensions(blob: &Blob) -> Option<(u64, u64)> {
    let size = imagesize::blob_size(&head(blob, HEAD_BYTES)).ok()?;
    Some((u64::try_from(size.width).ok()?, u64::try_from(size.height).ok()?))
}

/// Makes the longer side at most `longest`, keeping the form.
fn shrink(width: u64, height: u64, longest: u64) -> (u64, u64) {
    let long = width.max(height);
    if long <= longest { (width, height) } else { (width * longest / long, height * longest / long) }
}

fn openai_tiles(width: u64, height: u64) -> u64 {
    let (width, height) = shrink(width, height, 2_048);
    let short = width.min(height).max(1);
    let (width, height) =
        if short > 768 { (width * 768 / short, height * 768 / short) } else { (width, height) };
    width.div_ceil(512).max(1) * height.div_ceil(512).max(1)
}

fn gemini_tiles(width: u64, height: u64) -> u64 {
    if width <= 384 && height <= 384 {
        return 1;
    }
    let unit = (width.min(height) * 2 / 3).clamp(256, 768);
    width.div_ceil(unit) * height.div_ceil(unit)
}

/// Pages of a PDF, where its objects are not packed.
fn pages(blob: &Blob) -> Option<u64> {
    let bytes = head(blob, usize::MAX / 8);
    let mut count = 0;
    for (at, _) in bytes.windows(5).enumerate().filter(|(_, window)| *window == b"/Type") {
        let rest = bytes.get(at + 5..).unwrap_or_default().trim_ascii_start();
        count += u64::from(rest.starts_with(b"/Page") && rest.get(5) != Some(&b's'));
    }
    (count > 0).then_some(count)
}

/// Length of sound: from the header of a WAV file, else by the usual rate of compressed sound, 16 kB a second.
fn seconds(blob: &Blob, bytes: u64) -> u64 {
    let head = head(blob, 64);
    let rate = (head.get(8..12) == Some(b"WAVE"))
        .then(|| head.get(28..32).and_then(|rate| rate.try_into().ok()).map(u32::from_le_bytes))
        .flatten()
        .filter(|rate| *rate > 0);
    bytes.div_ceil(rate.map_or(16_000, u64::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(media_type: &str, bytes: &[u8]) -> Blob {
        Blob { media_type: media_type.to_owned(), base64: STANDARD.encode(bytes).into(), name: None }
    }

    /// The head of a PNG of this size, which is all that is read.
    fn png(width: u32, height: u32) -> Blob {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        blob("image/png", &bytes)
    }

    #[test]
    fn pictures_count_as_the_providers_pages_say() {
        let openai = MediaRule::of(WireApi::OpenaiChat, "openai", "gpt-4o");
        // The examples of OpenAI's page: a square of 1024 is 765 tokens, 2048 by 4096 is 1,105.
        assert_eq!(openai.image(&png(1_024, 1_024)), 765);
        assert_eq!(openai.image(&png(2_048, 4_096)), 1_105);
        let patches = MediaRule::of(WireApi::OpenaiResponses, "openai", "gpt-5-mini");
        assert_eq!(patches.image(&png(1_024, 1_024)), 1_024 * 162 / 100);
        // Anthropic's page: 1000 by 1000 is about 1,334, 200 by 200 about 54.
        let anthropic = MediaRule::of(WireApi::AnthropicMessages, "anthropic", "claude-opus-4-8");
        assert_eq!(anthropic.image(&png(1_000, 1_000)), 1_334);
        assert_eq!(anthropic.image(&png(200, 200)), 54);
        // Gemini's page: small ones are 258, 960 by 540 is six tiles.
        let gemini = MediaRule::of(WireApi::Gemini, "gemini", "gemini-2.5-flash");
        assert_eq!(gemini.image(&png(384, 384)), 258);
        assert_eq!(gemini.image(&png(960, 540)), 6 * 258);
        let other = MediaRule::of(WireApi::Ollama, "ollama", "llava");
        assert_eq!(other.image(&blob("image/png", b"no picture")), PER_IMAGE);
    }

    #[test]
    fn documents_count_by_pages_and_sound_by_seconds() {
        let pdf = blob("application/pdf", b"%PDF-1.4 /Type /Pages /Type /Page x /Type/Page ");
        assert_eq!(MediaRule::Gemini.file(&pdf), 2 * 258);
        assert_eq!(MediaRule::Anthropic.file(&blob("application/pdf", b"%PDF packed")), PER_PAGE);
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0".to_vec();
        wav.resize(64_000, 0);
        assert_eq!(MediaRule::Gemini.file(&blob("audio/wav", &wav)), 2 * 32);
    }
}
