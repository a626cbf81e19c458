// A long navigation is scrolled to the entry of the page that is shown: sideways at phone width.
export function showPlace() {
  document.querySelector(".side-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}
