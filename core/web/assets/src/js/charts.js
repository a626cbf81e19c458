// Charts of the dashboards, drawn from the tables beside them: .chart[data-chart="line|bar|count|stack"][data-of="#table"].
// The tables stay what is read aloud, printed and gone through by keys; a click on a chart follows their links. Colours
// are the page's tokens; tooltips are drawn, not HTML.
import * as echarts from "echarts/core";
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));

// Heading, labels and columns of numbers, as the table has them.
function read(table) {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    columns: heads.map((name, n) => ({ name, data: rows.map((row) => number(row.cells[n + 1])) })),
  };
}

const lies = (place) => ["bar", "count"].includes(place.dataset.chart);

function target(place) {
  if (!place.dataset.target) return {};
  const at = Number(place.dataset.target);
  const upright = lies(place); // named above the bars, or below a line at its left: where numbers are least in the way
  return {
    markLine: {
      symbol: "none",
      silent: true,
      z: 1, // numbers are read before the line
      data: [upright ? { xAxis: at } : { yAxis: at }],
      lineStyle: { color: token("--risk"), type: "dashed" },
      label: {
        formatter: `${place.dataset.word} {c}%`,
        color: token("--risk"),
        position: upright ? "start" : "insideStartBottom",
      },
    },
  };
}

// What a click on the chart opens: the list behind the number in a stack, else behind the whole row.
function follow(place, row, column) {
  const cells = document.querySelector(place.dataset.of).tBodies[0].rows[row];
  (column === undefined ? cells : cells?.cells[column + 1])?.querySelector("a")?.click();
}

function listen(place, chart) {
  if (place.dataset.chart === "stack") {
    chart.on("click", (at) => follow(place, at.dataIndex, at.seriesIndex));
    return;
  }
  chart.getZr().on("click", ({ offsetX, offsetY }) => {
    const at = [offsetX, offsetY]; // anywhere in the row: a bar of nothing is nothing to hit
    if (chart.containPixel("grid", at)) follow(place, chart.convertFromPixel("grid", at)[lies(place) ? 1 : 0]);
  });
}

function options(place) {
  const { labels, columns } = read(document.querySelector(place.dataset.of));
  const kind = place.dataset.chart;
  const stacked = kind === "stack";
  const text = { color: token("--ink-2"), fontFamily: token("--font"), fontSize: 12 };
  const grid = { lineStyle: { color: token("--line-soft") } };
  const names = { type: "category", data: labels, axisLabel: text, axisTick: { show: false } };
  const counted = stacked || kind === "count";
  const values = { type: "value", max: counted ? undefined : 100, minInterval: 1, axisLabel: text, splitLine: grid };
  const sideways = lies(place);
  const onSurface = { backgroundColor: token("--surface"), padding: [0, 2] };
  return {
    animation: false,
    color: stacked ? ["--breach-fill", "--warn", "--brand"].map(token) : [token("--brand")],
    textStyle: text,
    grid: { left: 8, right: 24, top: stacked ? 36 : 16, bottom: 4, containLabel: true },
    legend: stacked ? { top: 0, textStyle: text, itemWidth: 12, itemHeight: 8 } : undefined,
    tooltip: {
      renderMode: "richText",
      trigger: "axis",
      axisPointer: { type: "shadow" },
      backgroundColor: token("--surface"),
      borderColor: token("--line"),
      textStyle: { ...text, color: token("--ink") },
    },
    xAxis: sideways ? values : names,
    yAxis: sideways ? { ...names, inverse: true } : values,
    series: (stacked ? columns.slice(0, -1) : columns.slice(0, 1)).map((column) => ({
      ...column,
      type: kind === "line" ? "line" : "bar",
      stack: stacked ? "all" : undefined,
      barMaxWidth: 22,
      symbolSize: 7,
      label: stacked
        ? undefined
        : { show: true, position: sideways ? "right" : "top", ...text, ...onSurface, formatter: counted ? "{c}" : "{c}%" },
      ...(stacked ? {} : target(place)),
    })),
  };
}

const charts = new Map();

function draw(place) {
  const { columns } = read(document.querySelector(place.dataset.of));
  place.hidden = !columns[0].data.some((value) => value !== null); // nothing is decided yet: the table says so
  if (place.hidden) return;
  const chart = charts.get(place) ?? echarts.init(place, null, { renderer: "svg" });
  if (!charts.has(place)) listen(place, chart);
  charts.set(place, chart);
  chart.setOption(options(place), true);
}

function drawAll() {
  for (const [place, chart] of charts) {
    if (place.isConnected) continue;
    chart.dispose();
    charts.delete(place);
  }
  document.querySelectorAll(".chart[data-chart]").forEach(draw);
}

drawAll();
document.addEventListener("htmx:after:swap", drawAll);
window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
