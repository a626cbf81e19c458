// Prints a stylesheet without the rules that no template and no script can match.
// Arguments: the stylesheet, then the files that mention class names.
import { PurgeCSS } from "purgecss";

const [stylesheet, ...content] = process.argv.slice(2);
const [result] = await new PurgeCSS().purge({
  css: [stylesheet],
  content,
  defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
  dynamicAttributes: ["data-bs-theme"],
  safelist: { standard: ["html", "body"], greedy: [/^btn$/, /^form-(control|select|check|switch)/] },
  variables: true,
  keyframes: true,
  fontFace: true,
});
process.stdout.write(result.css);
