//! Tokens of pictures, documents and sound, by the rules providers have published: what is expected, and the most they may be charged
//! as. The two are far apart where nothing could be measured: a file without pages that can be counted, sound of an unknown rate, a
//! picture nobody here has seen, a provider without a published rule.
//!
//! - `OpenAI`: tiles of 512 pixels, or patches of 32 for the small models
//!   (<https://platform.openai.com/docs/guides/images-vision#calculating-costs>);
//!   and up to 10,000 of these for models from gpt-5.4 on;
//! - Anthropic: width times height over 750 (<https://docs.anthropic.com/en/docs/build-with-claude/vision>), of up to 1,568 pixels a side
//!   and 1,600 tokens, of 2,576 and 4,784 from Opus 4.7 on;
//! - Gemini: 258 a tile or page, 32 a second of sound (<https://ai.google.dev/gemini-api/docs/tokens>); a picture or page up to 1,120 from
//!   Gemini 3 on.

use std::iter::Sum;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, WireApi};

use super::pdf::PdfLength;

/// A picture's usual share, where no rule is known.
const PER_IMAGE: u64 = 1_000;

/// The size of a picture that nobody here has seen, as it usually is.
const USUAL_SIDE: u64 = 1_024;

/// The most a picture of this size, and of any, comes to where no rule is known. Of those that are: patches of 28 pixels, up to 16,384
/// (Qwen); small ones made larger, up to 6,400 (Llama).
const UNKNOWN_PATCH: u64 = 28;
const MOST_PER_SMALL_IMAGE: u64 = 6_400;
const MOST_PER_IMAGE: u64 = 16_384;

/// The most of a picture or page from Gemini 3 on, at the resolution that nobody asks for otherwise.
const GEMINI_MOST: u64 = 1_120;

/// Gemini makes tiles of a picture of up to 3,072 pixels a side, of 256 at least where it is narrow.
const GEMINI_MOST_TILES: u64 = 24;

/// A page's text and picture, where a provider bills both; Anthropic names 1,500 to 3,000.
const PER_PAGE: u64 = 2_500;

/// The text of a page at most, where its bytes say nothing else.
const MOST_TEXT_PER_PAGE: u64 = 3_000;

/// Bytes of shown text to a token, at least: a character is one byte in the fonts of small scripts, two in others.
const TEXT_BYTES_PER_TOKEN: u64 = 2;

/// The size of a page that is made a picture, in pixels.
const PAGE: (u64, u64) = (1_700, 2_200);

/// Bytes of a document to a page, when its pages cannot be counted: usually, and at least.
const BYTES_PER_PAGE: u64 = 60_000;
const LEAST_BYTES_PER_PAGE: u64 = 1_024;

/// Compressed sound in bytes a second: usually, at least as MP3 (8 kbit/s), and at least as anything (AMR, 4.75 kbit/s).
const USUAL_RATE: u64 = 16_000;
const LEAST_MP3_RATE: u64 = 1_000;
const LEAST_RATE: u64 = 590;

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
    /// Tiles as far as is known, patches at most.
    OpenaiNewer,
    Anthropic,
    Gemini,
    Unknown,
}

/// Tokens of what is no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MediaTokens {
    /// What is expected.
    pub(crate) expected: u64,
    /// The most it may be charged as; never less.
    pub(crate) at_most: u64,
}

impl MediaTokens {
    fn new(expected: u64, at_most: u64) -> Self {
        Self { expected, at_most: at_most.max(expected) }
    }
}

impl Sum for MediaTokens {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            expected: sum.expected.saturating_add(one.expected),
            at_most: sum.at_most.saturating_add(one.at_most),
        })
    }
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
            // Behind other hosts' doors too.
            _ if name.starts_with("gpt-") || name.starts_with("chatgpt-") => Self::openai(name),
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
            _ if name.starts_with("gpt-4") || name.starts_with("chatgpt-4") => {
                Self::OpenaiTiles { base: 85, tile: 170 }
            }
            _ if name == "gpt-5" || name.starts_with("gpt-5-") => Self::OpenaiTiles { base: 70, tile: 140 },
            _ if name.starts_with("o1") || name.starts_with("o3") => {
                Self::OpenaiTiles { base: 75, tile: 150 }
            }
            // And whatever a deployment is called.
            _ => Self::OpenaiNewer,
        }
    }

    /// Tokens of a picture that only its provider sees.
    pub(crate) fn unseen_image(self) -> MediaTokens {
        MediaTokens::new(self.image_of(USUAL_SIDE, USUAL_SIDE), self.most_of_an_image())
    }

    /// Tokens of a picture.
    pub(crate) fn image(self, blob: &Blob) -> MediaTokens {
        let Some((width, height)) = dimensions(blob) else { return self.unseen_image() };
        MediaTokens::new(self.image_of(width, height), self.most_of(width, height))
    }

    fn image_of(self, width: u64, height: u64) -> u64 {
        match self {
            Self::OpenaiTiles { base, tile } => base + tile * openai_tiles(width, height),
            Self::OpenaiNewer => 70 + 140 * openai_tiles(width, height),
            Self::OpenaiPatches { hundredths } => patches(width, height, 32).min(1_536) * hundredths / 100,
            // Larger ones are made smaller before they are read.
            Self::Anthropic => anthropic(width, height, 1_568).min(1_600),
            Self::Gemini => 258 * gemini_tiles(width, height),
            Self::Unknown => PER_IMAGE,
        }
    }

    /// The most a picture of this size comes to.
    fn most_of(self, width: u64, height: u64) -> u64 {
        match self {
            Self::OpenaiTiles { .. } | Self::OpenaiPatches { .. } => self.image_of(width, height),
            Self::OpenaiNewer => patches(width, height, 32).min(10_000),
            Self::Anthropic => anthropic(width, height, 2_576).min(4_784),
            Self::Gemini => self.image_of(width, height).max(GEMINI_MOST),
            Self::Unknown => {
                patches(width, height, UNKNOWN_PATCH).clamp(MOST_PER_SMALL_IMAGE, MOST_PER_IMAGE)
            }
        }
    }

    /// The most a picture of any size comes to.
    fn most_of_an_image(self) -> u64 {
        match self {
            // The longer side holds four tiles, the shorter two.
            Self::OpenaiTiles { base, tile } => base + 8 * tile,
            Self::OpenaiPatches { hundredths } => 1_536 * hundredths / 100,
            Self::OpenaiNewer => 10_000,
            Self::Anthropic => 4_784,
            Self::Gemini => 258 * GEMINI_MOST_TILES,
            Self::Unknown => MOST_PER_IMAGE,
        }
    }

    /// Tokens of a file that is no picture: a document or sound.
    pub(crate) fn file(self, blob: &Blob) -> MediaTokens {
        if blob.media_type.starts_with("audio/") { self.sound(blob) } else { self.document(blob) }
    }

    fn sound(self, blob: &Blob) -> MediaTokens {
        let (usual, most) = match self {
            Self::Gemini => (32, 32),
            Self::OpenaiTiles { .. } | Self::OpenaiPatches { .. } | Self::OpenaiNewer => (10, 10),
            // Mistral reads 12.5 a second, Qwen 25.
            Self::Anthropic | Self::Unknown => (10, 32),
        };
        let bytes = bytes_of(blob);
        let (expected, longest) = if let Some(rate) = wave_rate(blob) {
            (bytes.div_ceil(rate), bytes.div_ceil(rate))
        } else {
            let is_mp3 = matches!(blob.media_type.as_str(), "audio/mpeg" | "audio/mp3");
            (bytes.div_ceil(USUAL_RATE), bytes.div_ceil(if is_mp3 { LEAST_MP3_RATE } else { LEAST_RATE }))
        };
        MediaTokens::new(expected.saturating_mul(usual), longest.saturating_mul(most))
    }

    fn document(self, blob: &Blob) -> MediaTokens {
        let length = if blob.media_type == "application/pdf" {
            PdfLength::of(&head(blob, usize::MAX / 8))
        } else {
            PdfLength { unread: true, ..PdfLength::default() }
        };
        let bytes = bytes_of(blob);
        let found = if length.pages > 0 { length.pages } else { length.said };
        let pages = if found > 0 { found } else { bytes.div_ceil(BYTES_PER_PAGE).max(1) };
        let unseen = if length.unread || found == 0 { bytes.div_ceil(LEAST_BYTES_PER_PAGE) } else { 0 };
        let most_pages = pages.max(length.said).max(unseen);
        let text = most_pages.saturating_mul(MOST_TEXT_PER_PAGE).max(length.text / TEXT_BYTES_PER_TOKEN);
        let per_page = if self == Self::Gemini { 258 } else { PER_PAGE };
        MediaTokens::new(
            pages.saturating_mul(per_page),
            most_pages.saturating_mul(self.most_of_a_page()).saturating_add(text),
        )
    }

    /// The most of a page's picture.
    fn most_of_a_page(self) -> u64 {
        match self {
            // By its form, which is not known: a slide has more tiles than a letter.
            Self::OpenaiTiles { .. } => self.most_of_an_image(),
            Self::Gemini => GEMINI_MOST,
            _ => self.most_of(PAGE.0, PAGE.1),
        }
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

fn patches(width: u64, height: u64, side: u64) -> u64 {
    width.div_ceil(side).saturating_mul(height.div_ceil(side))
}

fn anthropic(width: u64, height: u64, longest: u64) -> u64 {
    let (width, height) = shrink(width, height, longest);
    (width * height).div_ceil(750)
}

/// The bytes a second of a WAV file whose sound is not compressed.
fn wave_rate(blob: &Blob) -> Option<u64> {
    /// The formats of plain samples, by their numbers in the header.
    const PLAIN: [u16; 3] = [1, 3, 0xFFFE];
    let head = head(blob, 64);
    let number = |at: usize| Some(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?));
    let rate = u32::from_le_bytes(head.get(28..32)?.try_into().ok()?);
    let is_plain = head.get(8..16) == Some(b"WAVEfmt ") && PLAIN.contains(&number(20)?);
    (is_plain && rate > 0).then(|| u64::from(rate))
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
        let expected = |rule: MediaRule, size: (u32, u32)| rule.image(&png(size.0, size.1)).expected;
        let openai = MediaRule::of(WireApi::OpenaiChat, "openai", "gpt-4o");
        // The examples of OpenAI's page: a square of 1024 is 765 tokens, 2048 by 4096 is 1,105.
        assert_eq!(openai.image(&png(1_024, 1_024)), MediaTokens::new(765, 765));
        assert_eq!(expected(openai, (2_048, 4_096)), 1_105);
        let small = MediaRule::of(WireApi::OpenaiResponses, "openai", "gpt-5-mini");
        assert_eq!(expected(small, (1_024, 1_024)), 1_024 * 162 / 100);
        // Anthropic's page: 1000 by 1000 is about 1,334, 200 by 200 about 54.
        let anthropic = MediaRule::of(WireApi::AnthropicMessages, "anthropic", "claude-opus-4-8");
        assert_eq!(anthropic.image(&png(1_000, 1_000)), MediaTokens::new(1_334, 1_334));
        assert_eq!(expected(anthropic, (200, 200)), 54);
        // Gemini's page: small ones are 258, 960 by 540 is six tiles.
        let gemini = MediaRule::of(WireApi::Gemini, "gemini", "gemini-2.5-flash");
        assert_eq!(expected(gemini, (384, 384)), 258);
        assert_eq!(expected(gemini, (960, 540)), 6 * 258);
        let other = MediaRule::of(WireApi::Ollama, "ollama", "llava");
        assert_eq!(expected(other, (1_000, 1_000)), PER_IMAGE);
    }

    #[test]
    fn a_picture_nobody_has_seen_may_be_the_largest_its_rule_knows() {
        let most = |dialect: &str, model: &str| {
            MediaRule::of(WireApi::OpenaiChat, dialect, model).unseen_image().at_most
        };
        assert_eq!(most("openai", "gpt-4o"), 85 + 8 * 170);
        // By the same rule the widest slide is dearer than what is usual by far.
        assert_eq!(most("openrouter", "openai/gpt-4o-mini"), 2_833 + 8 * 5_667);
        assert_eq!(most("custom", "gpt-4o-mini"), 2_833 + 8 * 5_667, "whoever serves it");
        assert_eq!(most("openai", "gpt-5.5"), 10_000);
        assert_eq!(most("openrouter", "anthropic/claude-opus-5"), 4_784);
        assert_eq!(most("custom", "qwen-vl"), MOST_PER_IMAGE);
        let unreadable = blob("image/png", b"no picture");
        let mini = MediaRule::of(WireApi::OpenaiChat, "openai", "gpt-4o-mini");
        assert_eq!(mini.image(&unreadable), mini.unseen_image());
    }

    #[test]
    fn no_size_of_a_picture_comes_to_more_than_the_most_of_any() {
        let rules = [
            MediaRule::openai("gpt-4o-mini"),
            MediaRule::openai("o4-mini"),
            MediaRule::openai("gpt-5.5"),
            MediaRule::Anthropic,
            MediaRule::Unknown,
        ];
        for size in [(1, 1), (100, 9_000), (768, 2_048), (4_000, 3_000), (30_000, 30_000)] {
            for rule in rules {
                let seen = rule.image(&png(size.0, size.1));
                assert!(seen.expected <= seen.at_most, "{rule:?} {size:?}");
                assert!(seen.at_most <= rule.most_of_an_image(), "{rule:?} {size:?}");
            }
        }
    }

    #[test]
    fn documents_count_by_pages_and_what_hides_them_by_its_bytes() {
        let pdf = blob("application/pdf", b"%PDF-1.4 /Type /Pages /Type /Page x /Type/Page ");
        assert_eq!(MediaRule::Gemini.file(&pdf), MediaTokens::new(2 * 258, 2 * (1_120 + 3_000)));
        let packed = MediaRule::Anthropic.file(&blob("application/pdf", b"%PDF packed"));
        assert_eq!(packed, MediaTokens::new(PER_PAGE, 4_784 + 3_000));
        // A hundred pages of nothing but text are 300 kB; ours are not to be read.
        let hidden = MediaRule::Anthropic.file(&blob("application/pdf", &vec![7; 300_000]));
        assert!(hidden.expected == 5 * PER_PAGE && hidden.at_most >= 100 * (1_600 + 3_000), "{hidden:?}");
        let lying = blob("application/pdf", b"%PDF-1.4 /Type /Pages /Count 100 /Type /Page ");
        assert!(MediaRule::Anthropic.file(&lying).at_most >= 100 * (1_600 + 3_000));
    }

    #[test]
    fn sound_counts_by_seconds_and_what_is_compressed_may_be_long() {
        let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0".to_vec();
        wav.resize(64_000, 0);
        assert_eq!(MediaRule::Gemini.file(&blob("audio/wav", &wav)), MediaTokens::new(2 * 32, 2 * 32));
        wav[20] = 0x55;
        assert!(MediaRule::Gemini.file(&blob("audio/wav", &wav)).at_most > 100 * 32, "MP3 in a WAV file");
        // Ten minutes of speech as Opus with 16 kbit/s.
        let opus = MediaRule::Gemini.file(&blob("audio/ogg", &vec![1; 600 * 2_000]));
        assert!(opus.at_most >= 600 * 32 && opus.expected < 600 * 32, "{opus:?}");
    }
}
