// Charts, drawn by uPlot onto a canvas: it knows no style sheet, so that colours are looked up.

import uPlot from "uplot";
import { DAY_MS } from "./figures";

/** One line or row of bars, a value for each day. */
export interface Series {
  name: string;
  values: (number | null)[];
  colour: "accent" | "bad" | "warn" | "ink-faint";
  kind: "bars" | "line";
  /** Of the period that is compared. */
  isBefore?: boolean;
}

export interface Drawing {
  days: string[];
  series: Series[];
  shown: (value: number) => string;
  dayShown: (day: string) => string;
  /** Called with the place of the day below the pointer; null when it leaves. */
  pointed: (index: number | null) => void;
}

const HEIGHT_PX = 200;
const FONT = '12px "Inter Variable", system-ui, sans-serif';
const SECONDS_A_DAY = DAY_MS / 1000;
const STEPS_DAYS = [1, 2, 7, 14, 28, 91, 182, 364, 1820];

/** Draw into *host*; call the result to remove it. */
export function draw(host: HTMLElement, drawing: Drawing): () => void {
  const plot = new uPlot(options(host, drawing), data(drawing), host);
  const watching = new ResizeObserver(() => {
    if (host.clientWidth) plot.setSize({ width: host.clientWidth, height: HEIGHT_PX });
  });
  watching.observe(host);
  return () => {
    watching.disconnect();
    plot.destroy();
  };
}

function data({ days, series }: Drawing): uPlot.AlignedData {
  const times = days.map((day) => Date.parse(day) / 1000);
  return [times, ...series.map(({ values }) => values)];
}

function options(host: HTMLElement, drawing: Drawing): uPlot.Options {
  const ink = colourOf(host, "ink-soft");
  const line = { stroke: colourOf(host, "line"), width: 1 };
  const common = { stroke: ink, grid: line, ticks: { show: false }, font: FONT };
  return {
    width: host.clientWidth || 300,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { drag: { setScale: false }, y: false },
    scales: { x: { range: around }, y: { range: (_plot, _least, most) => [0, (most || 1) * 1.1] } },
    axes: [
      {
        ...common,
        grid: { show: false },
        incrs: STEPS_DAYS.map((n) => n * SECONDS_A_DAY),
        values: (_plot, splits) => splits.map((at) => drawing.dayShown(dayAt(at))),
      },
      { ...common, size: 64, values: (_plot, splits) => splits.map(drawing.shown) },
    ],
    series: [{}, ...drawing.series.map((each) => seriesOf(host, each))],
    hooks: { setCursor: [({ cursor }) => drawing.pointed(cursor.idx ?? null)] },
  };
}

const dayAt = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Half a day more at both ends, for the bars there. */
function around(_plot: uPlot, first: number, last: number): uPlot.Range.MinMax {
  return [first - SECONDS_A_DAY / 2, last + SECONDS_A_DAY / 2];
}

function seriesOf(host: HTMLElement, series: Series): uPlot.Series {
  const stroke = colourOf(host, series.colour);
  if (series.kind === "bars") {
    const paths = uPlot.paths.bars?.({ size: [0.7, 28] });
    return { stroke, fill: stroke, width: 0, points: { show: false }, ...(paths && { paths }) };
  }
  const dash = series.isBefore ? { dash: [5, 4] } : {};
  return { stroke, width: 2, spanGaps: true, points: { size: 6, fill: stroke }, ...dash };
}

/** A token's colour as it is now, light or dark. */
function colourOf(host: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(--${token})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
