// Words the scripts need, in the page's language: the template puts them into one meta element.
const meta = document.querySelector('meta[name="lodge-words"]');
const words = meta ? JSON.parse(meta.content) : {};

export const word = (key) => words[key] ?? key;
