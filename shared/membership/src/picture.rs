//! Codes as pictures: QR and EAN-13, each as SVG and as PNG.

use std::fmt::Write as _;

use barcoders::sym::ean13::EAN13;
use qrcode::{Color, EcLevel, QrCode};

use crate::card_number::Ean13;

/// Most bytes of a text in a QR code. What a card shows has about forty.
pub const QR_TEXT_LEN_MAX: usize = 256;
/// Most pixels a module may be wide in a PNG: keeps the largest picture near 3,000 pixels a side.
pub const SCALE_MAX: u32 = 32;
/// Pixels a module is wide unless the client asks otherwise.
pub const SCALE_DEFAULT: u32 = 8;

/// White modules that ISO 18004 asks for around a QR code.
const QR_QUIET: usize = 4;
/// White modules that GS1 asks for before and after an EAN-13.
const EAN_QUIET: (usize, usize) = (11, 7);
/// Modules in height: 22.85 mm at 0.33 mm a module.
const EAN_HEIGHT: usize = 69;

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// More than [`QR_TEXT_LEN_MAX`] bytes.
    #[error("the text is too long for a code; at most 256 bytes")]
    TooLong,
    /// A scale of 0 or more than [`SCALE_MAX`].
    #[error("the scale is from 1 to 32 pixels a module")]
    Scale,
}

/// A picture of black and white modules, quiet zone included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    /// Row by row; true is black.
    modules: Vec<bool>,
    /// How often each row repeats downwards.
    row_height: usize,
}

impl Picture {
    /// A QR code of level M.
    ///
    /// # Errors
    /// When the text is too long.
    pub fn qr(text: &str) -> Result<Self, PictureError> {
        if text.len() > QR_TEXT_LEN_MAX {
            return Err(PictureError::TooLong);
        }
        let code =
            QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PictureError::TooLong)?;
        let side = code.width();
        let width = side + 2 * QR_QUIET;
        let mut modules = vec![false; width * width];
        for (index, color) in code.into_colors().into_iter().enumerate() {
            modules[(index / side + QR_QUIET) * width + index % side + QR_QUIET] = color == Color::Dark;
        }
        Ok(Self { width, modules, row_height: 1 })
    }

    /// The bars of an EAN-13, without the digits beneath.
    #[must_use]
    pub fn ean13(number: Ean13) -> Self {
        let bars = EAN13::new(number.to_string())
            .expect("the number has thirteen digits and its check digit")
            .encode();
        let mut modules = vec![false; EAN_QUIET.0];
        modules.extend(bars.into_iter().map(|bar| bar == 1));
        modules.resize(modules.len() + EAN_QUIET.1, false);
        Self { width: modules.len(), modules, row_height: EAN_HEIGHT }
    }

    /// Modules across and down.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.modules.len() / self.width * self.row_height)
    }

    /// An SVG document, one unit a module: the page that shows it chooses the size.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, height) = self.size();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{width}v{height}H0z\"/><path d=\""
        );
        for (row, modules) in self.modules.chunks(self.width).enumerate() {
            let mut x = 0;
            for run in modules.chunk_by(|a, b| a == b) {
                if run[0] {
                    let (y, tall, wide) = (row * self.row_height, self.row_height, run.len());
                    write!(svg, "M{x} {y}h{wide}v{tall}h-{wide}z").expect("writing to a string cannot fail");
                }
                x += run.len();
            }
        }
        svg.push_str("\"/></svg>");
        svg
    }

    /// A PNG of one bit a pixel, `scale` pixels a module.
    ///
    /// # Errors
    /// When the scale is out of range.
    pub fn png(&self, scale: u32) -> Result<Vec<u8>, PictureError> {
        if !(1..=SCALE_MAX).contains(&scale) {
            return Err(PictureError::Scale);
        }
        let scale_wide = scale as usize;
        let (width, height) = self.size();
        let stride = (width * scale_wide).div_ceil(8);
        let mut pixels = Vec::with_capacity(stride * height * scale_wide);
        for modules in self.modules.chunks(self.width) {
            let mut line = vec![0xff_u8; stride];
            for x in (0..width * scale_wide).filter(|x| modules[x / scale_wide]) {
                line[x / 8] &= !(0x80 >> (x % 8));
            }
            for _ in 0..self.row_height * scale_wide {
                pixels.extend_from_slice(&line);
            }
        }
        let mut file = Vec::new();
        write_png(&mut file, width as u32 * scale, height as u32 * scale, &pixels)
            .expect("the header is lawful, the data has its length, and a vector takes every byte");
        Ok(file)
    }
}

fn write_png(file: &mut Vec<u8>, width: u32, height: u32, pixels: &[u8]) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()
}

#[cfg(test)]
mod tests;
