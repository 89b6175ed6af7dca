//! Two quiet charts, each with its sentence and its table: a line over days, and bars that are a table.
//!
//! Only the shapes are drawn as SVG, stretched to the place they have; everything that is read is
//! text of the page, so that it keeps its size on a phone and in big type, and takes the page's
//! colours in light and dark (`docs/decisions/0004-own-charts.md`).

/// Units of the drawing's width and height.
const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 300;
/// Lines across a chart above its ground line.
const LINES: i64 = 3;

/// A figure for each of several days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineChart {
    /// What it shows, as a heading.
    pub title: String,
    /// What can be seen in it, in a sentence.
    pub sentence: String,
    /// What the first column of its table is called.
    pub over: String,
    /// What the second column of its table is called, with the unit.
    pub of: String,
    /// The days as people read them, with their figures.
    pub points: Vec<Point>,
}

/// One point of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub label: String,
    /// Its figure; not below zero.
    pub value: i64,
    /// The figure as people read it.
    pub shown: String,
    /// The list that the figure counts; empty when there is none.
    pub href: String,
}

impl LineChart {
    /// Whether there is anything to draw: a line needs two points.
    #[must_use]
    pub fn is_drawn(&self) -> bool {
        self.points.len() > 1
    }

    fn top(&self) -> i64 {
        let most = self.points.iter().map(|point| point.value).max();
        round_up(most.unwrap_or(0))
    }

    /// The path of the line.
    #[must_use]
    pub fn path(&self) -> String {
        let (top, last) = (self.top(), self.points.len().saturating_sub(1).max(1));
        let mut path = String::new();
        for (n, point) in self.points.iter().enumerate() {
            let x = WIDTH * i64::try_from(n).unwrap_or(0) / i64::try_from(last).unwrap_or(1);
            let y = HEIGHT - HEIGHT * point.value.clamp(0, top) / top;
            path.push_str(&format!("{}{x} {y}", if n == 0 { "M" } else { "L" }));
        }
        path
    }

    /// Where the lines across are.
    #[must_use]
    pub fn lines(&self) -> Vec<i64> {
        (0..=LINES).map(|n| HEIGHT * n / LINES).collect()
    }

    /// What the lines across stand for, from the top.
    #[must_use]
    pub fn scale(&self) -> Vec<i64> {
        let top = self.top();
        (0..=LINES).rev().map(|n| top * n / LINES).collect()
    }

    /// The first, the middle and the last day.
    #[must_use]
    pub fn ends(&self) -> Vec<&str> {
        let last = self.points.len().saturating_sub(1);
        let mut at = vec![0, last / 2, last];
        at.dedup();
        at.into_iter()
            .filter_map(|n| self.points.get(n))
            .map(|point| point.label.as_str())
            .collect()
    }
}

/// The next round number that splits into [`LINES`] round parts: 3, 6, 15, 30, 60, 150 …
fn round_up(most: i64) -> i64 {
    let decades = std::iter::successors(Some(LINES), |unit| unit.checked_mul(10));
    decades
        .flat_map(|unit| [1, 2, 5].map(|part| unit.saturating_mul(part)))
        .find(|top| *top >= most)
        .unwrap_or(most)
}

/// Bars beside each other's names: a picture and a table in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BarChart {
    /// What it shows, as its caption.
    pub title: String,
    /// The bars, in the order of reading.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// How long it is; not below zero.
    pub value: i64,
    /// The figure as people read it.
    pub shown: String,
    /// The list that the figure counts; empty when there is none.
    pub href: String,
    /// Its colour: "teal", "gold", "red", "blue", or "" for the plain one.
    pub kind: &'static str,
}

impl BarChart {
    /// How long `bar` is, of `WIDTH` for the longest. Whatever is not nothing can be seen.
    #[must_use]
    pub fn length(&self, bar: &Bar) -> i64 {
        let most = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0);
        if bar.value <= 0 || most <= 0 {
            0
        } else {
            (WIDTH * bar.value / most).max(4)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[i64]) -> LineChart {
        let point = |value: &i64| Point {
            label: format!("day {value}"),
            value: *value,
            shown: value.to_string(),
            href: String::new(),
        };
        LineChart {
            title: String::new(),
            sentence: String::new(),
            over: String::new(),
            of: String::new(),
            points: values.iter().map(point).collect(),
        }
    }

    #[test]
    fn a_line_fills_its_place_and_stands_on_the_ground() {
        assert_eq!(line(&[0, 15, 30]).path(), "M0 300L500 150L1000 0");
        assert_eq!(line(&[0, 0]).path(), "M0 300L1000 300");
        assert_eq!(line(&[0, 15, 30]).scale(), [30, 20, 10, 0]);
    }

    #[test]
    fn the_scale_is_round_and_never_too_low() {
        assert_eq!(
            [0, 3, 4, 29, 31, 2_890].map(round_up),
            [3, 3, 6, 30, 60, 3_000]
        );
        assert_eq!(round_up(i64::MAX), i64::MAX);
        for most in (0..10_000).step_by(7) {
            let top = round_up(most);
            assert!(top >= most && top % LINES == 0, "{most} {top}");
        }
    }

    #[test]
    fn one_day_is_named_once_and_not_drawn() {
        assert_eq!(line(&[7]).ends(), ["day 7"]);
        assert!(!line(&[7]).is_drawn());
        assert_eq!(line(&[1, 2]).ends(), ["day 1", "day 2"]);
        assert_eq!(line(&[]).ends(), [""; 0]);
    }

    #[test]
    fn bars_are_as_long_as_their_figures_and_never_vanish() {
        let bar = |value| Bar {
            label: String::new(),
            value,
            shown: String::new(),
            href: String::new(),
            kind: "",
        };
        let chart = BarChart {
            title: String::new(),
            bars: [1_000, 500, 1, 0].map(bar).into(),
        };
        let lengths: Vec<i64> = chart.bars.iter().map(|bar| chart.length(bar)).collect();
        assert_eq!(lengths, [1_000, 500, 4, 0]);
    }
}
