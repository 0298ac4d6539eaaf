// Before every page: what Chromium tells of painting and of parts that move by themselves.
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.seen.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
window.told = () => {
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource").filter((one) => /\.(js|css)$/.test(one.name));
  return {
    ...window.seen,
    server: page.responseEnd - page.requestStart,
    load: page.loadEventEnd,
    bytes: files.reduce((sum, one) => sum + one.encodedBodySize, 0),
    files: files.length,
  };
};
