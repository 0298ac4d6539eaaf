// Starts Swagger UI on the page's own schema. Requests from it use the session of the desk.
const root = document.getElementById("swagger-ui");

window.SwaggerUIBundle({
  url: root.dataset.schema,
  domNode: root,
  deepLinking: true,
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  requestInterceptor: (request) => {
    const token = document.cookie.match(/(?:^|; )arw_csrf=([^;]+)/);
    if (token && !["GET", "HEAD"].includes(request.method ?? "GET")) {
      request.headers["X-CSRFToken"] = decodeURIComponent(token[1]);
    }
    return request;
  },
});
