//! What is compressed comes out again, as another implementation of the format reads it.

use flate2::read::GzDecoder;
use lambdawatch_deflate::Compressor;
use lambdawatch_fuzz::{fuzz, Result, Unstructured};
use std::cell::RefCell;
use std::io::Read;

fn decoded(member: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut decoder = GzDecoder::new(member);
    decoder.read_to_end(&mut text).expect("a valid gzip member");
    assert!(decoder.into_inner().is_empty(), "nothing follows the member");
    text
}

/// Pieces that come again, near and far, between others that don't.
fn text(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let first = u.arbitrary_len::<u8>()?.min(64);
    let mut text = u.bytes(first)?.to_vec();
    while !u.is_empty() && text.len() < 200_000 {
        let length = if u.ratio(1, 12)? { u.int_in_range(1..=60_000)? } else { u.int_in_range(1..=600)? };
        match u.int_in_range(0..=3)? {
            0 => {
                let length = length.min(u.len());
                text.extend_from_slice(u.bytes(length)?);
            }
            1 => text.extend(std::iter::repeat_n(u.arbitrary::<u8>()?, length)),
            2 => text.extend_from_slice(b"2026-01-02T03:04:05.006Z\tINFO\torder accepted order=1 amount=2.50 "),
            _ if text.is_empty() => {}
            _ => {
                let from = u.int_in_range(0..=text.len() - 1)?;
                for i in 0..length {
                    text.push(text[from + i]);
                }
            }
        }
    }
    Ok(text)
}

#[test]
fn any_text_comes_out_again_and_one_after_the_other_from_the_same_compressor() {
    let compressor = RefCell::new(Compressor::default());
    fuzz(|u| {
        let text = text(u)?;
        assert_eq!(decoded(&compressor.borrow_mut().gzip(&text)), text);
        Ok(())
    });
}

#[test]
fn texts_without_any_and_with_few_bytes() {
    let mut compressor = Compressor::default();
    for text in ["", "a", "aa", "aaa", "aaaa", "aaaaa", "abcd", "abcdabcd", "abcabcabcabcab"] {
        assert_eq!(decoded(&compressor.gzip(text.as_bytes())), text.as_bytes());
    }
}

#[test]
fn what_cannot_be_compressed_grows_by_little() {
    let mut state = 1u64;
    let noise: Vec<u8> = (0..300_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect();
    let member = Compressor::default().gzip(&noise);
    assert_eq!(decoded(&member), noise);
    assert!(member.len() < noise.len() + noise.len() / 100, "{} bytes", member.len());
}

#[test]
fn a_text_that_repeats_itself_over_the_whole_window_is_made_short() {
    let mut compressor = Compressor::default();
    let text: Vec<u8> = (0..20_000u32).flat_map(|i| (i % 8000).wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let member = compressor.gzip(&text);
    assert_eq!(decoded(&member), text);
    assert!(member.len() < text.len() / 2, "{} bytes", member.len());
}
