//! The whole page: hostile samples, its drawings, and what it must not contain.

mod made_up;

use dashboard::{Chart, Point, Report, Series, Unit, report};

#[test]
fn a_hostile_sample_stays_text() {
    let page = report(&made_up::run());
    assert!(!page.contains("alert('owned')</script>") && !page.contains("<img"), "the sample became markup");
    assert_eq!(page.matches("</script>").count(), 3, "the page's own script, its JSON and its pictures, and no more");
    let data = page.split("id=\"samples-data\">").nth(1).and_then(|rest| rest.split("</script>").next()).expect("JSON");
    let samples: serde_json::Value = serde_json::from_str(data).expect("it reads back");
    assert_eq!(samples[1]["response"], made_up::HOSTILE);
}

#[test]
fn names_recipes_and_reasons_are_escaped_too() {
    let hostile = || "<b>&\"".to_owned();
    let mut run = Report { name: hostile(), recipe: hostile(), world: hostile(), model: hostile(), ..made_up::run() };
    run.recipe_toml = hostile();
    run.gates[0].why = hostile();
    run.held_out[0].by = hostile();
    run.charts[0].series[0].name = hostile();
    run.environment[0].1 = hostile();
    assert!(!report(&run).contains("<b>&\""));
}

#[test]
fn nothing_comes_from_elsewhere() {
    let page = report(&made_up::run());
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        let own = page.replace("</script><img src=x", "");
        let before_samples = own.split("id=\"samples-data\">").next().unwrap_or_default();
        assert!(!before_samples.contains(outside), "{outside}");
    }
}

#[test]
fn a_picture_is_in_the_page_once_and_only_pictures_in_the_page_are_shown() {
    let page = report(&made_up::run());
    assert_eq!(page.matches("data:image/png;base64,iVBORw0KGgo=").count(), 1);
    assert!(
        page.contains("default-src 'none'") && page.contains("img-src data:;"),
        "pictures of other places are not fetched"
    );
    let without = report(&Report { pictures: Default::default(), ..made_up::run() });
    assert!(!without.contains("id=\"pictures-data\">"));
}

#[test]
fn a_search_is_drawn_and_its_route_stands_open() {
    let page = report(&made_up::run());
    let section = page.split("id=\"tree\"").nth(1).and_then(|rest| rest.split("</section>").next()).expect("a section");
    assert_eq!((section.matches("<circle").count(), section.matches("class=\"edge route\"").count()), (5, 2));
    assert_eq!((section.matches("<details open").count(), section.matches("</details>").count()), (2, 2));
    assert!(!section.contains("<img"), "what a model wrote stays text");
    insta::assert_snapshot!(section.split("<svg").nth(1).and_then(|rest| rest.split("</svg>").next()).expect("svg"));
}

#[test]
fn an_empty_run_makes_a_page() {
    let page = report(&Report::default());
    assert!(page.contains("This run has not ended.") && page.ends_with("</html>\n"));
    assert!(!page.contains("<svg"));
}

#[test]
fn a_chart_is_drawn_to_its_numbers() {
    let points = vec![
        Point { x: 0.0, y: 0.0, interval: Some((0.0, 0.1)) },
        Point { x: 1.0, y: f64::NAN, interval: None },
        Point { x: 2.0, y: 1.0, interval: Some((0.9, 1.0)) },
    ];
    let series = vec![Series { name: "accuracy".into(), points }];
    let chart = Chart { title: "t".into(), across: "round", unit: Unit::Share, series, marks: Vec::new() };
    let page = report(&Report { charts: vec![chart], ..Report::default() });
    let svg = page.split("<svg").nth(1).and_then(|rest| rest.split("</svg>").next()).expect("a drawing");
    insta::assert_snapshot!(svg);
}
