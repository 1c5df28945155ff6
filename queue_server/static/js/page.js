// What the server writes into a page besides its markup: ids and sentences, as data, never as code.

/** @returns {{language: string, texts: Object<string, Object<string, string>>}} and what the page adds. */
export function pageData() {
  return JSON.parse(document.getElementById('page').textContent)
}
