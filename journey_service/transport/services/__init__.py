"""One class a service, one method a call: message in, application function, message out."""
