//! Points about four centres, to be told apart: the smallest world of feature vectors.
//!
//! Most points are so near their own centre that who knew the centres would be right about fourteen
//! of fifteen, but a classifier that has seen a few labels has not seen where the clusters end. So
//! it is a world in which points without labels can teach something (the cluster assumption holds).

use std::sync::Arc;

use faults::Outcome;
use nouns::{Content, Key, Oracle, Part, Split, Task, Turn, Unsettled, Verdict, World};

use crate::fault::WorldFault;
use crate::record;
use crate::split::tasks_of;

const NAME: &str = "clusters";
/// The labels, one for each centre.
const LABELS: [&str; 4] = ["north", "east", "south", "west"];
/// How many points there are.
const POINTS: u64 = 1200;
/// Numbers of a point.
const FEATURES: usize = 20;
/// How far the centres are from the origin; points lie about them with deviation 1 in every
/// direction.
const APART: f64 = 3.0;

pub(crate) fn world() -> Clusters {
    Clusters { tasks: (0..POINTS).map(|number| Point(number).task()).collect() }
}

/// A point, by its number.
#[derive(Clone, Copy)]
struct Point(u64);

impl Point {
    fn read(text: &str) -> Result<Point, String> {
        let digits = text.trim().trim_start_matches("point").trim();
        let number: u64 = digits.parse().map_err(|_| format!("`{text}` names no point"))?;
        if number < POINTS { Ok(Point(number)) } else { Err(format!("there are {POINTS} points, from 0")) }
    }

    /// Which centre it lies about.
    fn class(self) -> usize {
        Key::root(0).of(NAME).of("class").at(self.0).random().below(LABELS.len())
    }

    /// Its centre moved by a normal number in every direction.
    fn features(self) -> Vec<f64> {
        let mut centre = Key::root(0).of(NAME).of("centre").at(self.class() as u64).random();
        let centre: Vec<f64> = (0..FEATURES).map(|_| centre.normal()).collect();
        let length = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mut about = Key::root(0).of(NAME).of("point").at(self.0).random();
        centre.iter().map(|x| APART * x / length + about.normal()).collect()
    }

    fn task(self) -> Task {
        let content = Content(vec![Part::Numbers(self.features())]);
        Task {
            world: NAME.into(),
            id: format!("point {:04}", self.0),
            prompt: vec![Turn { content, ..Turn::user("") }],
        }
    }
}

/// The points as a world.
pub(crate) struct Clusters {
    tasks: Vec<Task>,
}

impl World for Clusters {
    fn name(&self) -> &str {
        NAME
    }

    fn tasks(&self, split: Split) -> Outcome<Vec<Task>> {
        Ok(tasks_of(split, &self.tasks))
    }

    fn read(&self, line: &str) -> Outcome<Task> {
        let point = record::problem(line).and_then(|text| Point::read(&text));
        Ok(point.map_err(|problem| WorldFault::bad_task(NAME, line, problem, "point 17"))?.task())
    }

    fn answer(&self, _: &Task, response: &str) -> Option<String> {
        LABELS.contains(&response.trim()).then(|| response.trim().to_owned())
    }

    fn labels(&self) -> Option<Vec<String>> {
        Some(LABELS.map(str::to_owned).to_vec())
    }

    fn longest_answer(&self) -> u32 {
        1
    }

    fn oracle(&self) -> Arc<dyn Oracle> {
        Arc::new(Centres)
    }
}

/// Knows about which centre a point was drawn.
struct Centres;

impl Oracle for Centres {
    fn judge(&self, task: &Task, response: &str) -> Verdict {
        match Point::read(&task.id) {
            Err(problem) => Verdict::Unsettled(Unsettled::CheckerFailed(problem)),
            Ok(point) if response.trim() == LABELS[point.class()] => Verdict::Right,
            Ok(point) => Verdict::Wrong(format!("it is {}", LABELS[point.class()])),
        }
    }

    fn hinted(&self, _: &Task) -> Option<Vec<Turn>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_lie_about_their_own_centres() {
        let mut near = 0;
        for number in 0..200 {
            let features = Point(number).features();
            assert_eq!(features, Point(number).features());
            let distance = |class: usize| {
                let mut centre = Key::root(0).of(NAME).of("centre").at(class as u64).random();
                let centre: Vec<f64> = (0..FEATURES).map(|_| centre.normal()).collect();
                let length = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
                features.iter().zip(&centre).map(|(x, c)| (x - APART * c / length).powi(2)).sum::<f64>()
            };
            let nearest = (0..LABELS.len()).min_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            near += usize::from(nearest == Some(Point(number).class()));
        }
        assert!((180..200).contains(&near), "{near} of 200 are nearest to their own centre");
    }

    #[test]
    fn what_names_no_point_is_refused() {
        assert!(world().read("point 17").is_ok() && world().read("17").is_ok());
        assert!(world().read("point 5000").is_err() && world().read("north").is_err());
    }
}
