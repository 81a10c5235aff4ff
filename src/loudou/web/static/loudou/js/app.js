import "./help.js";
