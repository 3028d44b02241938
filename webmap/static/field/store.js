/* Points on this phone, in IndexedDB: written before the screen says saved, kept until the server has answered. */

const NAME = "guangming-field";
const POINTS = "points";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const points = request.result.createObjectStore(POINTS, { keyPath: "client_id" });
      points.createIndex("account", "account");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(POINTS, mode, { durability: "strict" });
      const request = work(transaction.objectStore(POINTS));
      transaction.oncomplete = () => resolve(request ? request.result : undefined);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** All points this account logged on this phone, latest first. */
export async function allPoints(account) {
  const points = await transact("readonly", (store) => store.index("account").getAll(account));
  return points.sort((a, b) => b.sequence - a.sequence);
}

/** Keep a point; resolves only when it is on the disk. */
export function keep(point) {
  return transact("readwrite", (store) => store.put(point));
}

/** Write down what the server answered for several points. */
export function settle(points) {
  return transact("readwrite", (store) => {
    points.forEach((point) => store.put(point));
    return null;
  });
}

/** Forget points the server has had for longer than `days`. */
export async function forgetOld(account, days) {
  const before = Date.now() - days * 86_400_000;
  const old = (await allPoints(account)).filter((p) => p.state === "sent" && Date.parse(p.device_at) < before);
  return transact("readwrite", (store) => {
    old.forEach((point) => store.delete(point.client_id));
    return null;
  });
}
