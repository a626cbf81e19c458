// Starts Swagger UI from our own assets for the document that the page names.
const root = document.getElementById("api-docs");

window.SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  docExpansion: "none", // nouns first: the operations of one fill a screen
  validatorUrl: null,
});
