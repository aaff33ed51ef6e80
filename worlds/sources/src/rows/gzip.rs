//! Compressed text: gzip, member after member, and no more of it than a bound.

use std::io::{self, BufRead, ErrorKind, Read};

use flate2::bufread::GzDecoder;

/// The most bytes of text that come out of a file that is compressed: a bomb is an error, not a
/// full memory.
pub(super) const LARGEST: u64 = 4 << 30;

/// The text of the members of a file. Zeros after a member are filling, as of tapes and of `tar`.
pub(super) struct Gzip<R> {
    member: Option<GzDecoder<R>>,
    /// Bytes that may still come out.
    room: u64,
}

impl<R: BufRead> Gzip<R> {
    pub(super) fn new(file: R) -> Self {
        Gzip { member: Some(GzDecoder::new(file)), room: LARGEST }
    }

    /// Goes on to the next member; nothing is left where there is none.
    fn step(&mut self) -> io::Result<()> {
        let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { return Ok(()) };
        loop {
            let bytes = rest.fill_buf()?;
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            match bytes.is_empty() {
                true => return Ok(()),
                false if zeros == 0 => break,
                false => rest.consume(zeros),
            }
        }
        self.member = Some(GzDecoder::new(rest));
        Ok(())
    }
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                let too_large = || io::Error::new(ErrorKind::InvalidData, "the file holds more than 4 GiB of text");
                self.room = self.room.checked_sub(count as u64).ok_or_else(too_large)?;
                return Ok(count);
            }
            self.step()?;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(text.as_bytes()).expect("in memory");
        writer.finish().expect("in memory")
    }

    fn unpacked(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Gzip::new(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn members_follow_one_another_and_zeros_are_filling() {
        let (one, other) = (packed("one\n"), packed("other\n"));
        for filling in [0, 1, 512, 100_000] {
            let zeros = vec![0; filling];
            assert_eq!(unpacked(&[&one[..], &zeros, &other, &zeros].concat()).expect("text"), "one\nother\n");
        }
    }

    #[test]
    fn what_is_cut_off_or_followed_by_something_else_is_refused() {
        let one = packed("a text that is long enough to be cut\n");
        assert!(unpacked(&one[..one.len() - 6]).is_err());
        assert!(unpacked(&[&one[..], b"more"].concat()).is_err());
        assert!(unpacked(&[&one[..], &[0, 0, 7]].concat()).is_err());
    }
}
