// Where nobody is signed in, nothing stays of what pages have kept for use without a connection: caches, and IndexedDB databases
// called lodge-…, but for their stores called "queue": what was done and not sent yet waits for whoever did it.

async function forget() {
  for (const name of await caches.keys()) await caches.delete(name);
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (!name.startsWith("lodge-")) continue;
    const database = await new Promise((done, fail) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    const stores = [...database.objectStoreNames].filter((store) => store !== "queue");
    if (stores.length) stores.forEach((store) => database.transaction(store, "readwrite").objectStore(store).clear());
    database.close();
  }
}

export function watchLeaving() {
  if (document.querySelector("[data-nobody]") && "caches" in window) forget();
}
