// The API's description as a page. Nothing is asked of outside servers: the validator badge is off.
const place = document.getElementById("api-docs");
const token = document.querySelector('meta[name="csrf-token"]')?.content;

window.SwaggerUIBundle({
  url: place.dataset.url,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  requestInterceptor(request) {
    if (token && request.method && request.method.toUpperCase() !== "GET") request.headers["X-CSRFToken"] = token;
    return request;
  },
});
