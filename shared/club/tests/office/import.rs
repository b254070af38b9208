//! Files: exactly the planted bad cells, nothing twice, and how long it takes.

use club::import::{HeaderFault, Kind, Refused, Report};

use kernel::MemberId;

use crate::fixture::{Chain, timed};

/// Line, column, and a word of the message.
fn faults(report: &Report) -> Vec<(u64, &str, &str)> {
    report.faults.iter().map(|fault| (fault.line, fault.column.as_str(), fault.message.as_str())).collect()
}

fn assert_faults(report: &Report, expected: &[(u64, &str, &str)]) {
    let found = faults(report);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1), "{found:?}");
        assert!(found.2.contains(expected.2), "{found:?}: expected {:?}", expected.2);
    }
    assert_eq!(report.faults_total, expected.len() as i64);
}

const MEMBERS: &str = "\u{feff}external_code,phone,name,birthday,email,language,tier,home_outlet,joined_on
c1,8 701 000 00 01,Person One,1990-04-13,One@Example.KZ,ru,bronze,101,2020-01-15
c2,+77010000002,,--04-13,,kk,gold,,
c3,,Card Only,,,,,,
c4,123,Person Four,,,,,,
c5,+77172123456,,,,,,,
c6,+77010000006,<b>,1990-02-30,nobody,de,platinum,999,2030-01-01
,+77010000007,,,,,,,
c1,+77010000008,,,,,,,
c9,+77010000002,,,,,,,
c10,+77010000010
";

const MEMBER_FAULTS: &[(u64, &str, &str)] = &[
    (5, "phone", "more or fewer digits"),
    (6, "phone", "not a mobile number"),
    (7, "name", "angle brackets"),
    (7, "birthday", "birthday"),
    (7, "email", "e-mail"),
    (7, "language", "language"),
    (7, "tier", "no such tier"),
    (7, "home_outlet", "no such outlet"),
    (7, "joined_on", "future"),
    (8, "external_code", "must not be empty"),
    (11, "", "has 2 cells"),
    (9, "external_code", "repeats line 2"),
    (10, "phone", "repeats line 3"),
];

#[test]
fn a_dry_run_finds_every_bad_cell_and_keeps_nothing() {
    let mut chain = Chain::new();
    let rehearsal = chain.import(Kind::Members, MEMBERS, true).expect("taken");
    assert_faults(&rehearsal, MEMBER_FAULTS);
    assert_eq!((rehearsal.rows, rehearsal.applied, rehearsal.unchanged, rehearsal.refused), (10, 3, 0, 7));
    assert_eq!(rehearsal.id, None);
    assert_eq!(chain.number("select count(*) from members"), 0);
    let real = chain.import(Kind::Members, MEMBERS, false).expect("taken");
    assert_eq!(Report { id: None, ..real.clone() }, rehearsal, "the real run says the same");
    assert!(real.id.is_some());
    assert_eq!(chain.number("select count(*) from members"), 3);
    assert_eq!(chain.number("select count(*) from imports"), 1);
}

#[test]
fn members_are_sealed_and_brought_in_once() {
    let mut chain = Chain::new();
    chain.import(Kind::Members, MEMBERS, false).expect("taken");
    let before = chain.rows("select * from members order by id");
    let again = chain.import(Kind::Members, MEMBERS, false).expect("taken");
    assert_eq!((again.applied, again.unchanged, again.refused), (0, 3, 7));
    assert_eq!(chain.rows("select * from members order by id"), before);
    assert!(before.iter().all(|row| !row.contains("Person") && !row.contains("example")));
    let row = &chain.rows("select tier, language, joined_at from members where external_code = 'c1'")[0];
    let joined = crate::fixture::at("2020-01-15T00:00:00+06:00").millis();
    assert_eq!(
        *row,
        format!(r#"[Text("bronze"), Text("ru"), Integer({joined})]"#),
        "Almaty was at +06:00 then"
    );
    assert_eq!(
        chain.number("select count(*) from consents"),
        0,
        "consents are asked for at the first sign-in"
    );
    // Another phone under a known code is a question for a person.
    let moved = chain.import(Kind::Members, "external_code,phone\nc1,+77010000099\n", false).expect("taken");
    assert_faults(&moved, &[(2, "phone", "has another phone")]);
    // Somebody who signed up by themselves is the same person.
    chain
        .sql
        .connection()
        .execute_batch("update members set external_code = null where tier = 'gold'")
        .expect("set");
    let linked =
        chain.import(Kind::Members, "external_code,phone\nold-2,+77010000002\n", false).expect("taken");
    assert_eq!((linked.applied, linked.refused), (1, 0));
    assert_eq!(chain.number("select count(*) from members where external_code = 'old-2'"), 1);
    chain.assert_sound();
}

#[test]
fn cards_find_their_members() {
    let mut chain = Chain::new();
    chain.import(Kind::Members, "external_code\nc1\nc2\n", false).expect("taken");
    let file = "number;kind;member;status\n\
                0001234;plastic;c1;\n\
                0001235;;;\n\
                2100000000005;virtual;c2;blocked\n\
                1234567890123;virtual;c2;\n\
                x;;;\n\
                0001236;paper;;\n\
                0001237;;nobody;\n\
                0001238;;c1;free\n\
                0001234;;c2;\n";
    let report = chain.import(Kind::Cards, file, false).expect("taken");
    assert_faults(
        &report,
        &[
            (5, "number", "EAN-13"),
            (6, "number", "4 to 32"),
            (7, "kind", "virtual or plastic"),
            (9, "status", "active or blocked"),
            (8, "member", "no member"),
            (10, "number", "repeats line 2"),
        ],
    );
    assert_eq!(report.applied, 3);
    let again = chain.import(Kind::Cards, file, false).expect("taken");
    assert_eq!((again.applied, again.unchanged), (0, 3));
    let given = chain.import(Kind::Cards, "number,member\n0001235,c2\n0001234,c2\n", false).expect("taken");
    assert_faults(&given, &[(3, "member", "another member's")]);
    assert_eq!(given.applied, 1);
}

#[test]
fn opening_balances_come_once_and_are_ledger_entries() {
    let mut chain = Chain::new();
    chain.import(Kind::Members, "external_code\nc1\nc2\nc3\nc4\n", false).expect("taken");
    let file = "external_code,points,expires_on\n\
                c1,120.50,2026-12-31\n\
                c2,7,\n\
                c3,0,\n\
                c4,-1,\n\
                c4,1.234,\n\
                c4,10,2026-11-20\n\
                nobody,10,\n\
                c1,5,\n";
    let report = chain.import(Kind::Balances, file, false).expect("taken");
    assert_faults(
        &report,
        &[
            (5, "points", "below zero"),
            (6, "points", ""),
            (7, "expires_on", "have expired"),
            (8, "external_code", "no member"),
            (9, "external_code", "repeats line 2"),
        ],
    );
    assert_eq!((report.applied, report.unchanged), (2, 1));
    chain.assert_sound();
    assert_eq!(
        chain.rows("select source, granted, available, expires_at from lots order by id"),
        [
            format!(
                r#"[Text("opening"), Integer(12050), Integer(12050), Integer({})]"#,
                crate::fixture::at("2027-01-01T00:00:00+05:00").millis()
            ),
            r#"[Text("opening"), Integer(700), Integer(700), Null]"#.to_owned(),
        ]
    );
    assert_eq!(chain.number("select count(*) from entries where event = 'import:crema:c1'"), 1);
    let again = chain.import(Kind::Balances, file, false).expect("taken");
    assert_eq!((again.applied, again.unchanged), (0, 3));
    let other = chain.import(Kind::Balances, "external_code,points\nc2,8\n", false).expect("taken");
    assert_faults(&other, &[(2, "points", "brought in before, as 7.00")]);
    chain.assert_sound();
}

#[test]
fn an_opening_balance_repays_a_debt_first() {
    let mut chain = Chain::new();
    let member = chain.member("c1");
    chain.sql.connection().execute_batch("begin").expect("begun");
    // A debt as a clawback leaves it.
    let statements = format!(
        "insert into entries (id, kind, event, member_id, effective_at, recorded_at) values (5, 'clawback', 'return:1', {0}, 0, 0); \
         insert into postings values (5, 'available', 'points:crema', -300), (5, 'issued', 'points:crema', 300); \
         update balances set available = -300 where member_id = {0}; commit;",
        member.raw()
    );
    chain.sql.connection().execute_batch(&statements).expect("a debt");
    chain.assert_sound();
    chain.import(Kind::Balances, "external_code,points\nc1,10\n", false).expect("taken");
    assert_eq!(chain.balance(member).1, "7.00");
    assert_eq!(chain.number("select available from lots"), 700);
    chain.assert_sound();
}

#[test]
fn outlets_staff_and_products_are_created_changed_and_left_alone() {
    let mut chain = Chain::new();
    let outlets = "code,franchisee,franchisee_name,name,country,currency,zone,city,address,latitude,longitude,hours,languages\n\
        301,f7,Owner Seven,Abay,KZ,KZT,Asia/Almaty,Almaty,Abay 1,43.24,76.9,08:00-22:00,ru kk\n\
        302,f7,,Satpaev,KZ,KZT,Asia/Almaty,Almaty,Satpaev 1,,,\"{\"\"mon\"\":[[\"\"09:00\"\",\"\"18:00\"\"]]}\",ru\n\
        303,f8,,Nowhere,kz,ZZZ,Mars/Olympus,Almaty,Street 1,91,0,late,de\n\
        304,f9,,Elsewhere,KZ,KZT,Asia/Almaty,Almaty,Street 2,,,08:00-22:00,ru\n\
        101,f1,,Dostyk,KZ,RUB,Asia/Almaty,Almaty,Dostyk 1,,,08:00-22:00,ru\n";
    let report = chain.import(Kind::Outlets, outlets, false).expect("taken");
    assert_faults(
        &report,
        &[
            (4, "country", "two capitals"),
            (4, "currency", ""),
            (4, "zone", "time zone"),
            (4, "latitude", "latitude"),
            (4, "hours", "08:00-22:00"),
            (4, "languages", "language"),
            (5, "franchisee", "franchisee_name"),
            (6, "currency", "keeps its currency"),
        ],
    );
    assert_eq!(report.applied, 2);
    assert_eq!(chain.import(Kind::Outlets, outlets, false).expect("taken").unchanged, 2);

    let staff = "code,name,role,outlets,franchisee\n\
        s1,Person One,barista,301 302,\n\
        s2,Person Two,franchisee,,f7\n\
        s3,Person Three,support,,\n\
        s4,Person Four,barista,,\n\
        s5,Person Five,boss,,\n\
        s6,Person Six,barista,999,\n\
        s7,Person Seven,guest,,\n";
    let report = chain.import(Kind::Staff, staff, false).expect("taken");
    assert_faults(
        &report,
        &[
            (5, "outlets", "name the outlets"),
            (6, "role", "unknown role"),
            (7, "outlets", "no outlet 999"),
            (8, "role", "not staff"),
        ],
    );
    assert_eq!(report.applied, 3);
    let again = chain.import(Kind::Staff, staff, false).expect("taken");
    assert_eq!((again.applied, again.unchanged), (0, 3));
    let promoted =
        chain.import(Kind::Staff, "code,name,role,outlets\ns1,Person One,outlet_manager,301\n", false);
    assert_eq!(promoted.expect("taken").applied, 1);

    let products =
        "code,name,category,fractional\nlatte,Latte,drinks,\nbeans,Beans,retail,yes\ncake,Cake,,maybe\n";
    let report = chain.import(Kind::Products, products, false).expect("taken");
    assert_faults(&report, &[(4, "category", "empty"), (4, "fractional", "true or false")]);
    assert_eq!(chain.import(Kind::Products, products, false).expect("taken").unchanged, 2);
    let renamed = chain.import(Kind::Products, "code,name,category\nlatte,Latte XL,drinks\n", false);
    assert_eq!(renamed.expect("taken").applied, 1);
}

#[test]
fn a_header_that_does_not_fit_is_refused_whole() {
    let mut chain = Chain::new();
    let refused = chain.import(Kind::Members, "phone,phone,colour\n", false);
    let expected = vec![
        HeaderFault::Twice("phone".into()),
        HeaderFault::Unknown("colour".into()),
        HeaderFault::Missing("external_code"),
    ];
    assert_eq!(refused, Err(Refused::Header(expected)));
    assert!(matches!(chain.import(Kind::Members, "", false), Err(Refused::Header(_))));
    let many = format!("external_code\n{}", "x\n".repeat(100_001));
    assert_eq!(chain.import(Kind::Members, &many, false), Err(Refused::TooManyRows));
    let bytes = chain.import_bytes(Kind::Products, b"code,name,category\nc\xff,n,k\n", true).expect("taken");
    assert_faults(&bytes, &[(2, "code", "not UTF-8")]);
}

/// 26,000 members with cards and balances, as one night has to take them. Prints the times
/// (`cargo test -p club --release --test office seconds -- --nocapture`).
#[test]
fn a_chain_is_brought_in_within_seconds() {
    // Unoptimised, phones and encryption take thirty times as long.
    const MANY: u32 = if cfg!(debug_assertions) { 1_000 } else { 26_000 };
    let mut chain = Chain::new();
    let mut members = String::from("external_code,phone,name,birthday,email,language,tier\n");
    let mut cards = String::from("number,member\n");
    let mut balances = String::from("external_code,points,expires_on\n");
    for index in 0..MANY {
        let phone = format!("8701{:07}", 1_000_000 + index);
        members.push_str(&format!(
            "c{index},{phone},Person {},1990-04-13,p{index}@example.kz,ru,bronze\n",
            "x".repeat(5)
        ));
        cards.push_str(&format!("{:08},c{index}\n", 10_000_000 + index));
        balances.push_str(&format!("c{index},{}.50,2026-12-31\n", index % 1_000 + 1));
    }
    for (kind, file) in [(Kind::Members, &members), (Kind::Cards, &cards), (Kind::Balances, &balances)] {
        for expected in [i64::from(MANY), 0] {
            let what = format!("{} {}, {expected} new", MANY, kind.code());
            let report = timed(&what, || chain.import(kind, file, false)).expect("taken");
            assert_eq!((report.applied, report.refused), (expected, 0), "{:?}", report.faults.first());
        }
    }
    timed("verified", || {
        let mut after = Some(MemberId::from_raw(0));
        while let Some(place) = after {
            let report = club::verify::verify(&chain.sql, place, 2_000).expect("verified");
            assert_eq!(report.findings, []);
            after = report.next;
        }
    });
}
