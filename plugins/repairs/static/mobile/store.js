// What the phone keeps (IndexedDB): orders as they were last seen, and what waits to be sent. Every record says whose it is; nobody
// is shown or sends another person's.

const NAME = "lodge-mobile";
const STORES = { orders: { keyPath: "id" }, kept: { keyPath: "name" }, queue: { keyPath: "seq", autoIncrement: true } };
const UNSENT = "lodge-unsent"; // localStorage: how many wait, for the question before somebody signs out

let opened;

function open() {
  opened ??= new Promise((done, fail) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
  return opened;
}

// Runs `act(store)` in a transaction of its own; the result of the request it returns, once that is durable.
async function run(store, mode, act) {
  const database = await open();
  return new Promise((done, fail) => {
    const transaction = database.transaction(store, mode, { durability: "strict" });
    const request = act(transaction.objectStore(store));
    transaction.oncomplete = () => done(request.result);
    transaction.onabort = () => fail(transaction.error);
  });
}

export const all = (store) => run(store, "readonly", (it) => it.getAll());
export const get = (store, key) => run(store, "readonly", (it) => it.get(key));
export const put = (store, value) => run(store, "readwrite", (it) => it.put(value));
export const remove = (store, key) => run(store, "readwrite", (it) => it.delete(key));

// What waits to be sent for that person at that site, the oldest first.
export async function waiting(me) {
  const mine = (await all("queue")).filter((item) => item.me === me);
  localStorage.setItem(UNSENT, String(mine.length));
  return mine;
}

// Whoever was here before leaves no order behind; what they have not sent yet stays theirs until they are back.
export async function forgetOthers(me) {
  for (const store of ["orders", "kept"]) {
    for (const record of await all(store)) if (record.me !== me) await remove(store, record.id ?? record.name);
  }
}

export async function forgetAll() {
  for (const store of ["orders", "kept"]) await run(store, "readwrite", (it) => it.clear());
  await caches.delete("lodge-mobile");
}
