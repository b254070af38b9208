use super::*;

fn decode_png(file: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut grey = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut grey).expect("a frame");
    assert_eq!(info.color_type, png::ColorType::Grayscale);
    (info.width as usize, info.height as usize, grey)
}

#[test]
fn qr_png_is_read_back() {
    let longest = "A1b2".repeat(QR_TEXT_LEN_MAX / 4);
    let url = "https://example.kz/карта?n=2900000012349";
    for text in ["L1.2900000012349.1234567890.89005924", "12900000012349005924", url, &longest] {
        for scale in [2, 5] {
            let file = Picture::qr(text).expect("short enough").png(scale).expect("a lawful scale");
            let (width, height, grey) = decode_png(&file);
            let mut image =
                rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
            let grids = image.detect_grids();
            assert_eq!(grids.len(), 1, "{text} at {scale}");
            let (meta, content) = grids[0].decode().expect("a readable code");
            assert_eq!(content, text);
            assert_eq!(meta.ecc_level, 0, "level M is 0 in the format bits");
        }
    }
}

#[test]
fn quiet_zones_are_white() {
    let (width, height, grey) = decode_png(&Picture::qr("x").expect("short").png(3).expect("a scale"));
    assert_eq!((width, height), ((21 + 8) * 3, (21 + 8) * 3));
    for y in 0..height {
        for x in 0..width {
            let outside = |v: usize, size: usize| v < 12 || v >= size - 12;
            if outside(x, width) || outside(y, height) {
                assert_eq!(grey[y * width + x], 255, "{x} {y}");
            }
        }
    }
    assert_eq!(grey[12 * width + 12], 0, "the corner of a finder is black");
}

/// The bars of 2900000012349 by the standard's tables: first digit 2 means parities L L G G L G.
#[test]
fn ean13_has_the_standards_bars() {
    const L: [&str; 10] = [
        "0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111",
        "0001011",
    ];
    let number = Ean13::parse("2900000012349").expect("a number");
    let flipped = |code: &str| code.chars().map(|c| if c == '0' { '1' } else { '0' }).collect::<String>();
    let mut expected = "0".repeat(11) + "101";
    for (digit, parity) in number.digits()[1..7].iter().zip("LLGGLG".chars()) {
        let left = L[usize::from(*digit)].to_owned();
        expected += &if parity == 'L' { left } else { flipped(&left).chars().rev().collect() };
    }
    expected += "01010";
    for digit in &number.digits()[7..] {
        expected += &flipped(L[usize::from(*digit)]);
    }
    expected += "101";
    expected += &"0".repeat(7);
    let picture = Picture::ean13(number);
    let bars: String = picture.modules.iter().map(|&black| if black { '1' } else { '0' }).collect();
    assert_eq!(bars, expected);
    assert_eq!(picture.size(), (113, 69));
}

/// The SVG's path, drawn back module by module, gives the same picture.
#[test]
fn svg_draws_the_same_modules() {
    let ean = Picture::ean13(Ean13::parse("2900000012349").expect("a number"));
    for picture in [Picture::qr("L1.2900000012349.59.94287082").expect("short"), ean] {
        let svg = picture.svg();
        let (width, height) = picture.size();
        assert!(svg.contains(&format!("viewBox=\"0 0 {width} {height}\"")));
        let path = svg.split("d=\"").nth(2).and_then(|rest| rest.split('"').next()).expect("the second path");
        let mut drawn = vec![false; width * height];
        for rectangle in path.split_terminator('z') {
            let numbers: Vec<usize> = rectangle
                .split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect();
            let [x, y, wide, tall, _] = numbers[..] else { panic!("{rectangle}") };
            for row in y..y + tall {
                drawn[row * width + x..row * width + x + wide].fill(true);
            }
        }
        for (index, black) in drawn.into_iter().enumerate() {
            let row = index / width / picture.row_height;
            assert_eq!(black, picture.modules[row * width + index % width], "{index}");
        }
    }
}

#[test]
fn sizes_are_limited() {
    assert_eq!(Picture::qr(&"x".repeat(QR_TEXT_LEN_MAX + 1)), Err(PictureError::TooLong));
    let longest = Picture::qr(&"x".repeat(QR_TEXT_LEN_MAX)).expect("the longest");
    assert_eq!(longest.png(0), Err(PictureError::Scale));
    assert_eq!(longest.png(SCALE_MAX + 1), Err(PictureError::Scale));
    let (width, _, _) = decode_png(&longest.png(SCALE_MAX).expect("the largest"));
    assert!(width <= 3_000, "{width}");
}

/// Writes pictures for a look or another decoder: `CREMA_PICTURES=dir cargo test -p membership writes_pictures`.
#[test]
#[expect(clippy::disallowed_methods, reason = "a native test is asked for files by the environment")]
fn writes_pictures() {
    let Ok(folder) = std::env::var("CREMA_PICTURES") else { return };
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(format!("{folder}/{name}"), bytes).expect("the folder takes files");
    };
    let qr = Picture::qr("L1.2900000012349.1234567890.89005924").expect("short");
    let ean = Picture::ean13(Ean13::parse("2900000012349").expect("a number"));
    for (name, picture) in [("qr", qr), ("ean13", ean)] {
        write(&format!("{name}.png"), &picture.png(SCALE_DEFAULT).expect("a lawful scale"));
        write(&format!("{name}.svg"), picture.svg().as_bytes());
    }
}
