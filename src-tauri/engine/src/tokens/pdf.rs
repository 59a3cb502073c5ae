//! How long a PDF is, as far as that can be read off it here: its pages, and the text they show.
//!
//! Newer files pack their objects into compressed streams. Those are unpacked, with a limit: a few bytes can unpack to anything.
//! Nothing is drawn, and pictures are passed over.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::memmem::find;

/// No more is unpacked of one stream, and of a file, in bytes.
const MOST_OF_A_STREAM: u64 = 4 * 1_024 * 1_024;
const MOST_OF_A_FILE: u64 = 24 * 1_024 * 1_024;

/// What shows no text: pictures, fonts, the table of objects.
const WORDLESS: [(&[u8], &[u8]); 5] = [
    (b"/Subtype", b"/Image"),
    (b"/Subtype", b"/Type1C"),
    (b"/Subtype", b"/CIDFontType0C"),
    (b"/Subtype", b"/OpenType"),
    (b"/Type", b"/XRef"),
];

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PdfLength {
    /// Pages that stand in it.
    pub(super) pages: u64,
    /// The most pages it says it has.
    pub(super) said: u64,
    /// The bytes of the text it shows.
    pub(super) text: u64,
    /// Something could not be read: there may be more of everything.
    pub(super) unread: bool,
}

impl PdfLength {
    pub(super) fn of(file: &[u8]) -> Self {
        let mut length = Self::default();
        let mut room = MOST_OF_A_FILE;
        let mut rest = file;
        while let Some(at) = find(rest, b"stream") {
            let (before, after) = rest.split_at(at);
            let Some(data) = data_after(before, after) else {
                rest = after.get(b"stream".len()..).unwrap_or_default();
                length.count_pages(before);
                continue;
            };
            length.count_pages(before);
            let (data, behind) = data.split_at(find(data, b"endstream").unwrap_or(data.len()));
            length.look_into(dictionary(before), data, &mut room);
            rest = behind.get(b"endstream".len()..).unwrap_or_default();
        }
        length.count_pages(rest);
        length
    }

    /// What stands in a stream. `room`: how much more of the file may be unpacked.
    fn look_into(&mut self, dictionary: &[u8], data: &[u8], room: &mut u64) {
        let has = |name: &[u8]| find(dictionary, name).is_some();
        // Only files of fonts tell that length.
        if has(b"/Length1") || WORDLESS.into_iter().any(|(key, word)| says(dictionary, key, word)) {
            return;
        }
        let packed = has(b"/Filter");
        if packed && (!has(b"/FlateDecode") || has(b"/Predictor")) {
            self.unread = true;
            return;
        }
        let mut unpacked = Vec::new();
        if packed {
            let most = MOST_OF_A_STREAM.min(*room);
            let read = ZlibDecoder::new(data).take(most).read_to_end(&mut unpacked);
            let length = u64::try_from(unpacked.len()).unwrap_or(u64::MAX);
            *room = room.saturating_sub(length);
            self.unread |= read.is_err() || length >= most;
        }
        let content = if packed { unpacked.as_slice() } else { data };
        if has(b"/ObjStm") {
            self.count_pages(content);
        } else {
            self.text = self.text.saturating_add(shown_text(content));
        }
    }

    /// Pages among objects.
    fn count_pages(&mut self, objects: &[u8]) {
        let pages = after_each(objects, b"/Type").filter(|rest| begins_with(rest, b"/Page")).count();
        self.pages = self.pages.saturating_add(u64::try_from(pages).unwrap_or(u64::MAX));
        for rest in after_each(objects, b"/Count") {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit());
            let count = digits.fold(0_u64, |sum, digit| {
                sum.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
            });
            self.said = self.said.max(count);
        }
    }
}

/// The data of a stream that begins with this word; `None`: the word stands elsewhere.
fn data_after<'f>(before: &[u8], after: &'f [u8]) -> Option<&'f [u8]> {
    let data = after.strip_prefix(b"stream")?;
    let data = data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n"))?;
    before.trim_ascii_end().ends_with(b">>").then_some(data)
}

/// The dictionary of the stream that these objects end with.
fn dictionary(before: &[u8]) -> &[u8] {
    let begin = memchr::memmem::rfind(before, b"obj").unwrap_or(0);
    before.get(begin..).unwrap_or_default()
}

/// What follows each of these names, without the blanks between.
fn after_each<'o>(objects: &'o [u8], name: &'static [u8]) -> impl Iterator<Item = &'o [u8]> {
    memchr::memmem::find_iter(objects, name)
        .filter_map(move |at| Some(objects.get(at + name.len()..)?.trim_ascii_start()))
}

/// Whether one of these entries has this value.
fn says(dictionary: &[u8], key: &'static [u8], value: &[u8]) -> bool {
    after_each(dictionary, key).any(|rest| begins_with(rest, value))
}

/// Whether a name stands here, and not a longer one.
fn begins_with(rest: &[u8], name: &[u8]) -> bool {
    rest.strip_prefix(name).is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// The bytes of the text that a page's instructions show: what stands in strings. None where they show none.
fn shown_text(content: &[u8]) -> u64 {
    if find(content, b"BT").is_none() {
        return 0;
    }
    let mut count = 0;
    let mut bytes = content.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'(' => {
                let mut depth = 1_u32;
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => {
                            bytes.next();
                        }
                        b'(' => depth += 1,
                        b')' if depth == 1 => break,
                        b')' => depth -= 1,
                        _ => {}
                    }
                    count += 1;
                }
            }
            b'<' if bytes.next_if_eq(&b'<').is_none() => {
                let mut digits = 0_u64;
                for byte in bytes.by_ref().take_while(|byte| *byte != b'>') {
                    digits += u64::from(byte.is_ascii_hexdigit());
                }
                count += digits.div_ceil(2);
            }
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// A stream object, packed.
    fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(content).unwrap();
        let packed = packed.finish().unwrap();
        let head =
            format!("7 0 obj\n<</Filter/FlateDecode/Length {}{dictionary}>>\nstream\r\n", packed.len());
        [head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat()
    }

    fn pages(count: usize) -> Vec<u8> {
        let tree = format!("<</Type/Pages/Count {count}/Kids[]>>");
        [tree.as_bytes(), "<</Type /Page/Parent 1 0 R>> ".repeat(count).as_bytes()].concat()
    }

    #[test]
    fn packed_pages_are_counted_and_their_text_is_measured() {
        let words = stream(
            "/Resources<</ProcSet[/PDF/ImageB]>>",
            b"BT /F1 12 Tf (Hello \\(world\\)) Tj [<0048> 20 <0069>] TJ << /A (b) >> ET",
        );
        let file = [
            b"%PDF-1.7\n".to_vec(),
            stream("/Type/ObjStm/N 100", &pages(100)),
            words,
            stream("/Subtype /Image", b"BT (no text) ET"),
            b"<</Type /PageLabel>> trailer".to_vec(),
        ]
        .concat();
        let expected = PdfLength { pages: 100, said: 100, text: 18, unread: false };
        assert_eq!(PdfLength::of(&file), expected);
    }

    #[test]
    fn plain_objects_are_counted_as_they_stand() {
        let plain = PdfLength::of(b"%PDF-1.4 /Type /Pages /Count 3 /Type /Page x /Type/Page ");
        assert_eq!(plain, PdfLength { pages: 2, said: 3, text: 0, unread: false });
        assert_eq!(PdfLength::of(b"no file of this kind"), PdfLength::default());
    }

    #[test]
    fn what_cannot_be_unpacked_is_said() {
        let broken = b"1 0 obj <</Filter/FlateDecode>>\nstream\nno zlib at all\nendstream";
        assert!(PdfLength::of(broken).unread);
        let other = b"1 0 obj <</Filter/LZWDecode>>\nstream\nanything\nendstream";
        assert!(PdfLength::of(other).unread);
        assert!(PdfLength::of(b"1 0 obj <</Filter/FlateDecode>>\nstream\n").unread, "cut off");
    }

    #[test]
    fn a_bomb_is_unpacked_no_further_than_the_limit() {
        let zeros = vec![b'('; 64 * 1_024 * 1_024];
        let bomb = stream("", &zeros);
        assert!(bomb.len() < 200_000);
        let file = bomb.repeat(100);
        let begun = std::time::Instant::now();
        let length = PdfLength::of(&file);
        assert!(length.unread && length.text == 0, "{length:?}");
        assert!(begun.elapsed().as_secs() < 20, "it would unpack to six gigabytes");
    }
}
